"""会籍转接 at the desk: the list, starting one from either side, the worker's consent on paper, a whole roster's."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from unionhall.access.lookups import CountsLookups
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import identity_index
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.foundation.views.reading import Scoped
from unionhall.kit.identifiers import IdentifierError, check_document
from unionhall.members.documents import KINDS
from unionhall.members.models import Membership, Person, RosterBatch, RosterRow
from unionhall.records import attachments
from unionhall.records.actions import journal
from unionhall.records.models import Attachment
from unionhall.records.views.files import sandboxed
from unionhall.reviews.models import ReviewStep

from ..actions import transfers
from ..forms import AttestForm, InForm, MatterFilter, OutForm
from ..models import MembershipTransfer
from ..policy import AGREEMENT

NO_SUCH_MEMBER = "没有找到姓名和证件号码都相符的会员。请对照证件核对；还没有入会的，请直接登记会员。"


class Transfers(List):
    """Transfers in and out of the unions in scope."""

    model = MembershipTransfer
    permission = "organising.view"
    template_name = "organising/transfers.html"
    filter_form = MatterFilter

    def filtered(self) -> Any:
        rows = self.get_queryset().select_related("person", "organisation", "destination", "review")
        return rows.filter(review__state=self.chosen["state"]) if self.chosen.get("state") else rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = bool(self.access.prefixes("organising.transfer"))
        return super().get_context_data(may_start=may, **kwargs)


class Transfer(Detail):
    """One transfer: both unions, the worker's consent, and its review."""

    model = MembershipTransfer
    permission = "organising.view"
    template_name = "organising/transfer.html"

    def context(self) -> dict[str, Any]:
        transfer: MembershipTransfer = self.object
        steps = ReviewStep.objects.everywhere(reason="the steps of a matter in scope").select_related(
            "organisation"
        )
        paths = (*transfer.organisation.paths, *transfer.destination.paths)
        waits = transfer.review.is_open and transfer.person_agreed_at is None
        return {
            "steps": [
                {
                    "title": f"{step.name}（{step.organisation.name}）",
                    "state": "done" if step.outcome else "now" if step.is_current else "todo",
                }
                for step in steps.filter(review=transfer.review).order_by("order")
            ],
            "may_attest": waits and self.actor.may("organising.transfer", *paths),
            "may_open": self.actor.may("records.attachments", *paths),
            "waits": waits,
        }


class StartOut(Act):
    """转出: a member of ours goes to another union."""

    model = Membership
    permission = "organising.transfer"
    template_name = "organising/matter_new.html"
    form_class = OutForm

    def get_queryset(self) -> Any:
        rows = Membership.objects.visible_to(self.access, to=self.permission).current()
        return rows.select_related("person", "organisation")

    def context(self) -> dict[str, Any]:
        row: Membership = self.object
        return {
            "heading": "办理会籍转接",
            "lead": f"{row.person.masked_name} · 现在{row.organisation.name}",
            "back": reverse("desk_member", args=[row.person_id]),
        }

    def act(self, form: OutForm) -> MembershipTransfer:
        return transfers.request_transfer(self.actor, membership=self.object, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_transfer", args=[self.result.pk])

    success_message = "已发起转接，办件编号 {result.review.number}。"


class StartIn(CountsLookups, Create):
    """转入: someone who now works with us is still a member elsewhere."""

    permission = "organising.transfer"
    template_name = "organising/matter_new.html"
    form_class = InForm

    def context(self) -> dict[str, Any]:
        lead = "填写到本单位工作的会员。系统会请原工会和本人确认。"
        return {"heading": "从其他工会转入", "lead": lead, "back": reverse("desk_transfers")}

    def act(self, form: InForm) -> MembershipTransfer:
        values = form.cleaned_data
        membership = _standing(values["number"], values["name"])
        return transfers.request_transfer(
            self.actor, membership=membership, destination=values["destination"], reason=values["reason"]
        )

    def get_success_url(self) -> str:
        return reverse("desk_transfer", args=[self.result.pk])

    success_message = "已发起转接，办件编号 {result.review.number}。"


def _standing(number: str, name: str) -> Membership:
    """The open membership of whoever bears this name and document. Raises Refused without saying which was wrong."""
    indexes = []
    for code, kind in KINDS.items():
        try:
            indexes.append(identity_index(code, check_document(kind, number, timezone.localdate()).number))
        except IdentifierError:
            continue
    people = Person.objects.everywhere(
        reason="the worker's papers lie on the desk: name and number must agree"
    )
    person = people.filter(id_index__in=indexes, name=name.strip()).first()
    rows = Membership.objects.everywhere(reason="the membership of that person, wherever it is").current()
    found = rows.filter(person=person).first() if person is not None else None
    if found is None:
        raise Refused(NO_SUCH_MEMBER, field="number")
    return found


class Attest(Act):
    """登记书面同意, for a worker without a phone."""

    model = MembershipTransfer
    permission = "organising.transfer"
    template_name = "organising/matter_new.html"
    form_class = AttestForm
    success_message = "已登记本人书面同意。"

    def context(self) -> dict[str, Any]:
        transfer: MembershipTransfer = self.object
        lead = f"{transfer.person.masked_name}：{transfer.organisation.name} → {transfer.destination.name}"
        return {"heading": "登记本人书面同意", "lead": lead, "back": self.get_success_url(), "upload": True}

    def act(self, form: AttestForm) -> MembershipTransfer:
        scan, file = form.cleaned_data["scan"], None
        if scan is not None:
            file = attachments.store(
                self.actor, scan.content, name=scan.name, content_type=scan.content_type, size=scan.size,
                purpose=AGREEMENT, paths=self.object.organisation.paths,
            )  # fmt: skip
        return transfers.attest_agreement(
            self.actor, transfer=self.object, note=form.cleaned_data["note"], attachment=file
        )

    def get_success_url(self) -> str:
        return reverse("desk_transfer", args=[self.object.pk])


class Agreement(Scoped):
    """/desk/transfers/<pk>/agreement/: the scan of the worker's consent, for both unions; opening it is journalled."""

    model = MembershipTransfer
    permission = "records.attachments"

    def get_queryset(self) -> Any:
        rows = super().get_queryset().filter(agreement__isnull=False)
        return rows.select_related("organisation", "destination", "review", "agreement")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        transfer: MembershipTransfer = self.object
        journal(
            self.actor, "organising.agreement_opened", subject=transfer, label=transfer.review.number,
            paths=transfer.organisation.paths,
        )  # fmt: skip
        return sandboxed(cast(Attachment, transfer.agreement))


class RosterTransfers(Act):
    """发起转接 for the rows of a roster whose people stand in other unions; what could not be started, by row."""

    model = RosterBatch
    permission = "organising.transfer"
    template_name = "organising/roster_transfers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = RosterRow.objects.everywhere(reason="rows of a batch in scope").filter(batch=self.object)
        count = rows.filter(outcome=RosterRow.Outcome.TRANSFER).count()
        return super().get_context_data(count=count, limit=transfers.BATCH_LIMIT, **kwargs)

    def act(self, form: Any) -> transfers.BatchResult:
        return transfers.transfer_rows(self.actor, batch=self.object)

    def done(self) -> HttpResponseBase:
        failures = [{"label": row, "reason": reason} for row, reason in self.result.failures]
        return self.render_to_response(self.get_context_data(result=self.result, failures=failures))
