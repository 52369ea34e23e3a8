"""会籍变动 at the desk: the list, proposing one with its evidence, proposing retention for all that were ticked."""

from typing import Any

from django.http import Http404, HttpResponseBase
from django.urls import reverse

from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Act, Create, List
from unionhall.members.models import Membership
from unionhall.members.selection import Selection

from ..actions import standing
from ..forms import BatchRetentionForm, MatterFilter, StandingForm
from ..models import StandingChange

Change = StandingChange.Change
BATCH_LIMIT = 200


class StandingChanges(List):
    model = StandingChange
    permission = "organising.view"
    template_name = "organising/standing_changes.html"
    filter_form = MatterFilter

    def filtered(self) -> Any:
        rows = self.get_queryset().select_related("person", "organisation", "review")
        return rows.filter(review__state=self.chosen["state"]) if self.chosen.get("state") else rows


class Propose(Act):
    """One change; the page asks for the evidence that this change needs."""

    model = Membership
    permission = "organising.standing"
    template_name = "organising/standing_new.html"
    form_class = StandingForm  # type: ignore[assignment]
    success_message = "已提出，办件编号 {result.review.number}。"

    def get_queryset(self) -> Any:
        rows = Membership.objects.visible_to(self.access, to=self.permission).current()
        return rows.select_related("person", "organisation")

    def _change(self) -> StandingChange.Change:
        try:
            return Change(self.kwargs["change"])
        except ValueError:
            raise Http404 from None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"change": self._change()}

    def act(self, form: StandingForm) -> StandingChange:
        return standing.propose(
            self.actor,
            membership=self.object,
            change=self._change(),
            reason=form.cleaned_data["reason"],
            evidence=form.evidence(),
        )

    def context(self) -> dict[str, Any]:
        row: Membership = self.object
        retained = row.standing == Membership.Standing.RETAINED
        skipped = {Change.RETENTION, Change.DEEMED} if retained else {Change.RESUMPTION}
        return {
            "change": self._change(),
            "whose": row.person.masked_name,
            "union": row.organisation.name,
            "tabs": [
                {
                    "label": change.label,
                    "url": reverse("desk_standing_new", args=[row.pk, change]),
                    "current": change == self._change(),
                }
                for change in Change
                if change not in skipped
            ],
            "back": reverse("desk_member", args=[row.person_id]),
        }

    def get_success_url(self) -> str:
        return reverse("desk_review", args=[self.result.review.number])


class ProposeRetention(Create):
    """提出保留会籍 for the ticked members, each by itself; failures by row."""

    permission = "organising.standing"
    template_name = "organising/retention_batch.html"
    form_class = BatchRetentionForm

    def _rows(self) -> list[Membership]:
        chosen = Selection.from_token(self.request.GET.get("selection", ""), self.actor)
        try:
            rows = chosen.rows(self.actor, to=self.permission).current()
        except Refused:
            return []
        return list(rows.select_related("person", "organisation").order_by("pk")[: BATCH_LIMIT + 1])

    def act(self, form: BatchRetentionForm) -> tuple[int, list[dict[str, str]]]:
        rows = self._rows()
        if len(rows) > BATCH_LIMIT:
            raise Refused(f"一次最多提出 {BATCH_LIMIT} 人。请用筛选条件分几次选择。")
        done, failures = 0, []
        for row in rows:
            try:
                standing.propose(
                    self.actor, membership=row, change=Change.RETENTION, reason=form.cleaned_data["reason"]
                )
                done += 1
            except Refused as refusal:
                url = reverse("desk_member", args=[row.person_id])
                failures.append({"label": row.person.masked_name, "reason": str(refusal), "url": url})
        return done, failures

    def done(self) -> HttpResponseBase:
        done, failures = self.result
        return self.render_to_response({"finished": True, "done": done, "failures": failures})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(count=len(self._rows()), limit=BATCH_LIMIT, **kwargs)
