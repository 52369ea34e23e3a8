"""任职: who holds which post in a union, today or as of a day; appointing and leaving."""

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Act, Detail
from unionhall.organisations.models import Organisation

from .. import actions
from ..finding import read_number
from ..forms import AppointForm, LeaveForm
from ..models import Person, Post


class Posts(Detail):
    """Posts of one union: those in force on `?on=`, and the whole history."""

    model: type[Model] = Organisation
    permission = "organisations.view"
    slug_field = "code"
    template_name = "members/posts.html"

    def context(self) -> dict[str, Any]:
        rows = Post.objects.visible_to(self.access).filter(organisation=self.object)
        rows = rows.select_related("person").order_by("-period", "title")
        try:
            day = date.fromisoformat(self.request.GET["on"]) if self.request.GET.get("on") else None
        except ValueError:
            day = None
        if day is not None:
            rows = rows.filter(period__contains=day)
        today = timezone.localdate()
        shown = [
            {
                "post": row,
                "name": row.person.masked_name,
                "in_force": row.period.lower <= today
                and (row.period.upper is None or row.period.upper > today),
            }
            for row in rows
        ]
        return {"rows": shown, "day": day, "may": self.actor.may("organisations.terms", *self.object.paths)}


class Appoint(Act):
    """登记任职: the member is found by number, which is posted and not kept."""

    model: type[Model] = Organisation
    permission = "organisations.terms"
    slug_field = "code"
    template_name = "members/act.html"
    form_class = AppointForm
    success_message = "已登记任职。"

    def context(self) -> dict[str, Any]:
        return {"heading": "登记任职", "whose": self.object.name, "back": self.get_success_url()}

    def act(self, form: AppointForm) -> Post:
        values = dict(form.cleaned_data)
        number = read_number(values.pop("number"))
        rows = Person.objects.visible_to(self.access, to="members.view")
        found = rows.filter(number.condition("")).first() if number else None
        if found is None:
            raise Refused("没有找到这位会员，或不在您的管理范围内。", field="number")
        return actions.appoint(self.actor, person=found, organisation=self.object, **values)

    def get_success_url(self) -> str:
        return reverse("desk_posts", args=[self.object.code])


class LeavePost(Act):
    """登记离任."""

    model: type[Model] = Post
    permission = "organisations.terms"
    template_name = "members/act.html"
    form_class = LeaveForm
    success_message = "已登记离任。"

    def context(self) -> dict[str, Any]:
        post = self.post_object
        return {
            "heading": "登记离任",
            "whose": post.organisation.name,
            "back": self.get_success_url(),
            "lead": f"{post.person.masked_name} · {post.get_title_display()}",
        }

    def act(self, form: LeaveForm) -> Post:
        return actions.leave_post(self.actor, post=self.post_object, **form.cleaned_data)

    @cached_property
    def post_object(self) -> Post:
        found = self.object
        if not isinstance(found, Post):
            raise Http404
        return found

    def get_success_url(self) -> str:
        return reverse("desk_posts", args=[self.post_object.organisation.code])
