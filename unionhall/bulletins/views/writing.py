"""/desk/bulletins/texts/: notices, policies and news, from draft to public."""

from typing import Any

from django.urls import reverse

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List, Update

from .. import actions, presenting
from ..forms import BulletinFilter, ReviseForm, TakeDownForm, WriteForm
from ..models import Bulletin

State = Bulletin.State


class Bulletins(List):
    """/desk/bulletins/texts/, latest first."""

    model = Bulletin
    permission = "bulletins.view"
    template_name = "bulletins/desk_bulletins.html"
    filter_form = BulletinFilter
    partials = ()

    def filtered(self) -> ScopedQuerySet[Any]:
        rows = self.get_queryset().select_related("organisation").defer("body")
        for name in ("kind", "state"):
            if name in self.chosen:
                rows = rows.filter(**{name: self.chosen[name]})
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [{"bulletin": one, "tone": presenting.TONES[one.state]} for one in rows]

    def context(self) -> dict[str, Any]:
        return {
            "tabs": presenting.tabs("desk_bulletins", self.access),
            "may_publish": bool(presenting.places(self.access)),
        }


def _place(heading: str, submit: str, back: str, **more: Any) -> dict[str, Any]:
    return {
        "heading": heading, "submit": submit, "back": back, "list_url": reverse("desk_bulletins"),
        "list_label": "公告信息", **more,
    }  # fmt: skip


class Write(Create):
    """/desk/bulletins/texts/new/."""

    model = Bulletin
    permission = "bulletins.publish"
    template_name = "bulletins/act.html"
    form_class = WriteForm
    success_message = "已存为草稿，核对后发布。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"places": presenting.places(self.access)}

    def act(self, form: WriteForm) -> Bulletin:
        given = form.cleaned_data
        return actions.write(
            self.actor, kind=given["kind"], title=given["title"], body=given["body"], source=given["source"],
            organisation=form.union(),
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("desk_bulletin", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return _place("写公告", "存为草稿", reverse("desk_bulletins"))


class BulletinPage(Detail):
    """/desk/bulletins/texts/<pk>/."""

    model = Bulletin
    permission = "bulletins.view"
    template_name = "bulletins/desk_bulletin.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        one: Bulletin = self.object
        publish = self.actor.may("bulletins.publish", *one.organisation.paths)
        public = one.state == State.PUBLISHED
        return {
            "tone": presenting.TONES[one.state],
            "may_edit": publish,
            "may_publish": publish and not public,
            "may_take_down": publish and public,
            "public_url": reverse("public_bulletin", args=[one.number]) if public else "",
        }


class _OnBulletin(Act):
    model = Bulletin
    permission = "bulletins.publish"
    template_name = "bulletins/act.html"

    def get_success_url(self) -> str:
        return reverse("desk_bulletin", args=[self.object.pk])


class Revise(Update):
    """/desk/bulletins/texts/<pk>/edit/."""

    model = Bulletin
    permission = "bulletins.publish"
    template_name = "bulletins/act.html"
    form_class = ReviseForm
    fields = ("title", "source", "body")
    success_message = "已保存。"

    def act(self, form: ReviseForm) -> Bulletin:
        return actions.revise(self.actor, bulletin=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_bulletin", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return _place("修改", "保存", self.get_success_url())


class Publish(_OnBulletin):
    """/desk/bulletins/texts/<pk>/publish/."""

    success_message = "已发布。"

    def act(self, form: Any) -> Bulletin:
        return actions.publish(self.actor, bulletin=self.object)

    def context(self) -> dict[str, Any]:
        return _place(
            "发布", "发布", self.get_success_url(), lead=self.object.title, warning="发布后所有人都能看到。"
        )


class TakeDown(_OnBulletin):
    """/desk/bulletins/texts/<pk>/take-down/."""

    form_class = TakeDownForm
    success_message = "已撤下，公开页面不再显示。"

    def act(self, form: TakeDownForm) -> Bulletin:
        return actions.take_down(self.actor, bulletin=self.object, reason=form.cleaned_data["reason"])

    def context(self) -> dict[str, Any]:
        return _place("撤下", "撤下", self.get_success_url(), lead=self.object.title)
