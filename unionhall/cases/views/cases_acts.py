"""What a handler does with a case beside its moves, a page each."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from unionhall.access.models import Account
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import mask_id, mask_phone

from ..actions import core, desk
from ..actions.appeals_owner import handlers, loads
from ..forms.desk import AssignForm, FileForm, GradeForm, HandOverForm, LinkForm, NoteForm, ReasonForm
from ..models import Case, CaseFile, CaseParty
from ..versions import scheme_of
from .cases_desk import OfCase
from .papers import Paper


class _Plain(OfCase):
    """A form on a page of its own (or in the dialog)."""

    template_name = "cases/act.html"
    title = ""
    button = "提交"

    def context(self) -> dict[str, Any]:
        return {"title": self.title, "button": self.button}


class Assign(_Plain):
    """/desk/cases/<number>/assign/: by whoever assigns; who handles takes what has no owner."""

    title, button = "分派承办人", "分派"
    form_class = AssignForm
    success_message = "已分派，承办人会收到消息。"

    @cached_property
    def accounts(self) -> list[Account]:
        found = handlers(self.object)
        if not self.actor.may("cases.assign", *self.object.organisation.paths):
            found = [one for one in found if one.pk == self.access.account_id]
        elif self.access.account_id not in {one.pk for one in found} and self.handles:
            found += list(Account.objects.filter(pk=self.access.account_id or 0))
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        held = loads(self.accounts)
        rows = sorted(((one, held[one.pk]) for one in self.accounts), key=lambda row: row[1])
        return super().get_form_kwargs() | {"accounts": rows}

    def act(self, form: AssignForm) -> Case:
        account = next(one for one in self.accounts if str(one.pk) == form.cleaned_data["account"])
        return core.assign(self.actor, self.object, account, because=form.cleaned_data["because"])


class HandOver(_Plain):
    """/desk/cases/<number>/hand-over/: to another union with all papers, clocks going on."""

    title, button = "移送其他工会", "移送"
    form_class = HandOverForm
    success_message = "已移送。编号、材料和时限都不变，对方不用重新录入。"

    def act(self, form: HandOverForm) -> Case:
        union = desk.union_named(form.cleaned_data["union"])
        return core.hand_over(self.actor, self.object, union, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        return reverse("desk_cases")


class Link(_Plain):
    title, button = "关联其他案件", "关联"
    form_class = LinkForm
    success_message = "已关联。"

    def act(self, form: LinkForm) -> Any:
        other = desk.case_numbered(self.actor, form.cleaned_data["number"])
        return core.link(self.actor, self.object, other, form.cleaned_data["bond"])


class Note(_Plain):
    title, button = "添加记录", "保存"
    form_class = NoteForm
    success_message = "已保存。"

    def act(self, form: NoteForm) -> Any:
        return desk.keep_text(
            self.actor, self.object, role=form.cleaned_data["role"], body=form.cleaned_data["body"]
        )


class AddFile(_Plain):
    title, button = "添加材料", "上传"
    form_class = FileForm
    success_message = "已上传。"

    def act(self, form: FileForm) -> Any:
        given = form.cleaned_data
        return desk.keep_file(
            self.actor, self.object, upload=given["file"], label=given["label"], shown=given["shown"]
        )

    def context(self) -> dict[str, Any]:
        return {**super().context(), "multipart": True}


class Grade(_Plain):
    title, button = "调整等级", "调整"
    form_class = GradeForm
    success_message = "已调整，时限按新等级计算。"

    def get_form_kwargs(self) -> dict[str, Any]:
        grades = getattr(scheme_of(self.object), "grades", {})
        return super().get_form_kwargs() | {"grades": grades if isinstance(grades, dict) else {}}

    def get_initial(self) -> dict[str, Any]:
        return {"grade": self.object.grade}

    def act(self, form: GradeForm) -> Any:
        given = form.cleaned_data
        return core.regrade(self.actor, self.object, given["grade"], because=given["because"])


class OpenFile(Paper, OfCase):  # type: ignore[misc]  # it is read, never posted to
    """/desk/cases/<number>/files/<pk>/: a paper; who opened it is journalled."""

    def paper(self) -> CaseFile | None:
        found: CaseFile | None = (
            self.object.files.select_related("attachment").filter(pk=self.kwargs["file"]).first()
        )
        return found

    def note(self, file: CaseFile) -> None:
        desk.note_opening(self.actor, self.object, file)

    def back_url(self) -> str:
        return reverse("desk_case", args=[self.object.number])


class _Reveal(OfCase):
    """A number in the clear for thirty seconds, for a reason, with or without JavaScript."""

    template_name = "cases/reveal.html"
    form_class = ReasonForm
    SECONDS = 30
    label, element_id = "", ""

    def masked(self) -> str:
        return "＊＊＊"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            url=self.request.path,
            label=self.label,
            masked=self.masked(),
            element_id=self.element_id,
            back=self.get_success_url(),
            **kwargs,
        )

    def refuse(self, form: Any) -> HttpResponse:
        response = super().refuse(form)
        response["HX-Retarget"], response["HX-Reselect"] = "#dialog-body", "#dialog-content"
        response["HX-Reswap"] = "innerHTML"
        return response

    def done(self) -> HttpResponseBase:
        context = self.get_context_data(value=self.result, seconds=self.SECONDS)
        if self.request.headers.get("HX-Request"):
            response = render(self.request, "cases/revealed.html", context)
            response["HX-Trigger"] = "close-dialog"
            return response
        return render(self.request, "cases/revealed_page.html", context)


class RevealParty(_Reveal):
    """/desk/cases/<number>/parties/<pk>/<what>/."""

    @cached_property
    def party(self) -> CaseParty:
        found: CaseParty | None = self.object.parties.filter(pk=self.kwargs["party"]).first()
        if found is None or self.what not in desk.REVEALABLE or getattr(found, self.what) is None:
            raise Http404
        return found

    @property
    def what(self) -> str:
        return str(self.kwargs["what"]).replace("-", "_")

    @property
    def label(self) -> str:  # type: ignore[override]
        return desk.REVEALABLE.get(self.what, "")

    @property
    def element_id(self) -> str:  # type: ignore[override]
        return f"reveal-{self.what.replace('_', '-')}-{self.kwargs['party']}"

    def masked(self) -> str:
        plain = getattr(self.party, self.what).reveal()
        return mask_phone(plain) if self.what == "phone" else mask_id(plain)

    def act(self, form: ReasonForm) -> str:
        return desk.reveal_party(
            self.actor, self.object, party=self.party, what=self.what, reason=form.cleaned_data["reason"]
        )


class RevealContact(_Reveal):
    """/desk/cases/<number>/contact/."""

    label, element_id = "联系方式", "reveal-contact"

    def act(self, form: ReasonForm) -> str:
        if self.object.contact is None:
            raise Refused("没有留联系方式。")
        return desk.reveal_contact(self.actor, self.object, reason=form.cleaned_data["reason"])
