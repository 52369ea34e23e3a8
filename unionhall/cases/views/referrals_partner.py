"""The partner's side: what was referred to its body, one folder, its verbs and files. Nothing else exists."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Detail, List
from unionhall.records.actions import journal

from .. import disputes_shown as shown
from .. import presenting, referring
from ..actions import referrals as acts
from ..forms.disputes import ReasonForm
from ..forms.referrals import ReplyForm, UploadForm
from ..models import CaseFile, PartnerSeat, Referral, ReferralItem
from .papers import Paper

_WHY = "what was referred to the reader's own body"


class OfSeat:
    """Only what stands before the reader's body, while it lasts."""

    model: ClassVar[type[Model]] = Referral
    permission = "cases.referrals"
    object: Any
    access: Any
    actor: Any

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return Referral.objects.all().of_seat(self.access).select_related("case__organisation", "body")


class Inbox(OfSeat, List):
    """/partner/referrals/: what waits for the partner, then what it answered."""

    template_name = "cases/referrals/inbox.html"

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [shown.referral_row(one) for one in rows]

    def context(self) -> dict[str, Any]:
        seats = PartnerSeat.objects.everywhere(reason="the reader's own seat")
        seat = seats.filter(account=self.access.account_id, until=None).select_related("body").first()
        rows = self.get_queryset()
        late = rows.filter(state__in=["sent", "accepted"], due_at__lt=timezone.now()).count()
        return {
            "body": seat.body if seat else None,
            "tiles": [
                {"label": "等待接收", "value": rows.filter(state="sent").count(), "unit": "件"},
                {"label": "办理中", "value": rows.filter(state="accepted").count(), "unit": "件"},
                {"label": "已超期", "value": late, "unit": "件", "hot": late > 0},
                {"label": "已答复", "value": rows.filter(state="replied").count(), "unit": "件"},
            ],
        }


class Folder(OfSeat, Detail):
    """/partner/referrals/<pk>/: the chosen facts, texts and files, the clock, what may be done."""

    template_name = "cases/referrals/folder.html"

    def context(self) -> dict[str, Any]:
        found: Referral = self.object
        folder = referring.folder(found)
        return shown.referral_row(found) | folder | {
            "files": [self.paper(one) for one in folder["files"]],
            "union": found.case.organisation.name,
            "may_accept": found.state == Referral.State.SENT,
            "may_return": found.state in {Referral.State.SENT, Referral.State.ACCEPTED},
            "may_reply": found.state == Referral.State.ACCEPTED,
        }  # fmt: skip

    def paper(self, one: ReferralItem) -> dict[str, Any]:
        assert one.file is not None
        url = reverse("partner_referral_file", args=[one.referral_id, one.pk])
        (row,) = presenting.files([one.file], lambda _: url)
        return row | {"note": "本单位提供" if one.by_partner else ""}


class _Verb(OfSeat, Act):
    """A verb of the partner, then back to the folder."""

    template_name = "cases/referrals/act.html"
    heading = ""
    submit = "提交"

    def get_success_url(self) -> str:
        return reverse("partner_referral", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return {"heading": self.heading, "submit": self.submit, "back": self.get_success_url()}


class Accept(_Verb):
    """POST /partner/referrals/<pk>/accept/."""

    http_method_names = ("post",)
    success_message = "已接收，请在时限内办理并答复。"

    def act(self, form: Any) -> Referral:
        return acts.accept(self.actor, referral=self.object)

    def refuse(self, form: Any) -> HttpResponseBase:  # type: ignore[override]
        messages.error(self.request, " ".join(map(str, form.non_field_errors())))
        return redirect(self.get_success_url())


class GiveBack(_Verb):
    """/partner/referrals/<pk>/return/."""

    form_class: Any = ReasonForm
    heading, submit = "退回", "退回"
    success_message = "已退回，您不再看得到这件案件。"

    def act(self, form: ReasonForm) -> Referral:
        return acts.give_back(self.actor, referral=self.object, reason=form.cleaned_data["reason"])

    def done(self) -> HttpResponseBase:
        messages.success(self.request, self.success_message)
        return redirect("partner_referrals")


class Reply(_Verb):
    """/partner/referrals/<pk>/reply/."""

    form_class: Any = ReplyForm
    heading, submit = "答复办理结果", "答复"
    success_message = "已答复。"

    def act(self, form: ReplyForm) -> Referral:
        given = form.cleaned_data
        return acts.reply(self.actor, referral=self.object, result=given["result"], upload=given["upload"])


class AddFile(_Verb):
    """/partner/referrals/<pk>/files/new/."""

    form_class: Any = UploadForm
    heading, submit = "添加材料", "上传"
    success_message = "已添加，召集工会同时看得到。"

    def act(self, form: UploadForm) -> ReferralItem:
        return acts.add_file(self.actor, referral=self.object, upload=form.cleaned_data["upload"])


class OpenItem(OfSeat, Paper):
    """/partner/referrals/<pk>/files/<item>/: one file of the folder, journalled."""

    def paper(self) -> CaseFile | None:
        rows = ReferralItem.objects.everywhere(reason=_WHY).filter(
            referral=self.object, pk=self.kwargs["item"]
        )
        found = rows.select_related("file__attachment").exclude(file=None).first()
        return found.file if found is not None else None

    def note(self, file: CaseFile) -> None:
        referral: Referral = self.object
        case = referral.case
        journal(
            self.actor, "cases.referral_file_opened", subject=case, label=case.number, paths=case.organisation.paths,
            detail={"referral": referral.pk, "file": file.pk},
        )  # fmt: skip

    def back_url(self) -> str:
        return reverse("partner_referral", args=[self.object.pk])
