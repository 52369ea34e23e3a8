"""任职: who holds which post in a union, since when; appointing and leaving."""

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.access.lookups import CountsLookups
from unionhall.foundation.scope import Access
from unionhall.foundation.views import Detail
from unionhall.kit.identifiers import IdentifierError, check_document, normalise_phone
from unionhall.members.actions import appoint, leave_post
from unionhall.members.documents import KINDS
from unionhall.members.models import Person, Post
from unionhall.organisations.forms import ActingForm, document_field, on_field
from unionhall.organisations.models import Organisation
from unionhall.organisations.views.browsing import AsOf
from unionhall.organisations.views.changing import OnOrganisation


def find_person(text: str, access: Access) -> Person:
    """By exact document number (anyone); by phone or name among those the actor may see. Raises ValidationError.

    A phone is known to many: whose it is must not be learnt by appointing its owner.
    """
    anyone = Person.objects.everywhere(reason="exact look-up by a document that the officer holds")
    for code, kind in KINDS.items():
        try:
            number = check_document(kind, text, timezone.localdate()).number
        except IdentifierError:
            continue
        found = anyone.with_identity(code, number).first()
        if found is not None:
            return found
    try:
        phone = normalise_phone(text)
    except IdentifierError:
        phone = ""
    seen = Person.objects.visible_to(access)
    rows = list(seen.with_phone(phone)[:2]) if phone else []
    rows = rows or list(seen.filter(name=text.strip())[:2])
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise forms.ValidationError("有几个人符合，请改填证件号码。")
    raise forms.ValidationError("没有找到这个人。不是本工会会员的，请填写证件号码；不在名册里的，请先登记。")


class AppointForm(ActingForm):
    person = forms.CharField(
        label="任职人", max_length=50, help_text="填写证件号码，或本工会会员的姓名、手机号"
    )
    title = forms.ChoiceField(label="职务", choices=Post.Title.choices)
    full_time = forms.BooleanField(label="专职", required=False)
    on = on_field("任职日期")
    document = document_field()

    def __init__(self, *args: Any, actor: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.actor = actor

    def clean_person(self) -> Person:
        return find_person(self.cleaned_data["person"], self.actor.access)


class LeaveForm(ActingForm):
    on = on_field("离任日期")
    reason = forms.CharField(label="原因", max_length=200, required=False)


class Posts(AsOf, Detail):
    """/desk/orgs/<code>/posts/: full names for those who may see the union's members, else 张*."""

    model = Organisation
    slug_field = "code"
    permission = "organisations.view"
    template_name = "organising/posts.html"

    def context(self) -> dict[str, Any]:
        rows = (
            self.object.posts.filter(period__isempty=False).select_related("person").order_by("-period", "pk")
        )
        posts = list(rows)
        day = self.shown_day
        present = [
            row
            for row in posts
            if row.period.lower <= day and (not row.period.upper or day < row.period.upper)
        ]
        named = self.actor.may("members.view", *self.object.paths)
        for row in posts:
            row.shown_name = row.person.name if named else row.person.masked_name
        order = {title: number for number, title in enumerate(Post.Title.values)}
        return {
            "day": self.day,
            "present": sorted(present, key=lambda row: order[row.title]),
            "past": [row for row in posts if row.period.upper and row.period.upper <= day],
            "may_appoint": self.actor.may("organisations.terms", *self.object.paths),
        }


class Appoint(CountsLookups, OnOrganisation):
    permission = "organisations.terms"
    form_class = AppointForm
    title = "登记任职"
    success_message = "已登记任职。"

    def act(self, form: Any) -> Post:
        return appoint(self.actor, organisation=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_org_posts", args=[self.object.code])


class Leave(OnOrganisation):
    permission = "organisations.terms"
    form_class = LeaveForm
    title = "登记离任"
    success_message = "已登记离任。"

    def act(self, form: Any) -> Post:
        post = self.object.posts.filter(pk=self.kwargs["post"]).select_related("organisation").first()
        if post is None:
            raise Http404
        return leave_post(self.actor, post=post, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_org_posts", args=[self.object.code])
