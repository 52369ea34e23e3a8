"""方案草稿: text with its mistakes, simulation, publishing by another, withdrawing before the day."""

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.views import Act, Detail, List
from unionhall.foundation.wording import number
from unionhall.kit.text import number_of
from unionhall.members.models import Membership, Person
from unionhall.records.actions import journal

from .. import presenting, simulation, withholding
from ..actions import drafts
from ..drafting import Checked, check
from ..eligibility import clauses_of, judge_values, values
from ..forms import SimulationForm, TextForm, WithdrawForm
from ..models import SchemeDraft
from ..money import budget_of
from ..programmes import programme_of
from ..simulation import counted_by, facts_of

PEOPLE = 20


def title_of(draft: SchemeDraft) -> str:
    known = programme_of(draft.programme)
    return known.title if known is not None else draft.programme


class Drafts(List):
    """Drafts of the unions one stands for."""

    model = SchemeDraft
    permission = "rulebook.drafts"
    template_name = "rulebook/drafts.html"

    def filtered(self) -> Any:
        return self.get_queryset().select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.title = title_of(row)
        return rows


class _OfDraft:
    """What every page of a draft shows: its check, and what may be done next."""

    object: Any
    actor: Any

    @cached_property
    def checked(self) -> Checked:
        return check(self.object)

    def around(self) -> dict[str, Any]:
        draft: SchemeDraft = self.object
        editing = draft.state == SchemeDraft.State.EDITING
        version, current = self.checked.version, self.checked.current
        lines = draft.text.splitlines()
        own = f"{draft.programme}.toml"
        mistakes = [
            {
                "line": one.place.line,
                "text": one.text,
                "excerpt": lines[one.place.line - 1].strip() if 0 < one.place.line <= len(lines) else "",
                "elsewhere": "" if str(one.place.path) == own else str(one.place),
            }
            for one in self.checked.mistakes
        ]
        return {
            "draft": draft,
            "title": title_of(draft),
            "editing": editing,
            "may_edit": editing and self.actor.may("rulebook.draft", *draft.organisation.paths),
            "may_publish": editing and self.actor.may("rulebook.publish", *draft.organisation.paths),
            "is_author": drafts.wrote(self.actor, draft),
            "version": version,
            "has_conditions": version is not None and bool(clauses_of(version)),
            "current": current,
            "current_args": [current.programme, current.digest[:16]] if current is not None else None,
            "mistakes": mistakes,
            "notes": self.checked.notes,
            "changes": presenting.changes(version, current)
            if version is not None and current is not None
            else [],
            "area": presenting.area_name(version.jurisdiction) if version is not None else "",
        }


class Draft(_OfDraft, Act):
    """The text: saved whatever it says, checked each time, with the line of every mistake."""

    model = SchemeDraft
    permission = "rulebook.drafts"
    template_name = "rulebook/draft.html"
    form_class = TextForm

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def get_initial(self) -> dict[str, Any]:
        return {"text": self.object.text}

    def act(self, form: TextForm) -> SchemeDraft:
        return drafts.revise(self.actor, draft=self.object, text=form.cleaned_data["text"])

    def done(self) -> HttpResponseBase:
        wrong = len(check(self.result).mistakes)
        if wrong:
            messages.warning(self.request, f"已保存，还有 {wrong} 处错误，请按行修改。")
        else:
            messages.success(self.request, "已保存，检查没有错误，可以测算。")
        return redirect(self.request.path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs) | self.around()
        published = self.object.published.filter(withdrawn_at=None).first()
        coming = published is not None and published.starts > timezone.localdate()
        may = self.actor.may("rulebook.publish", *self.object.organisation.paths)
        return found | {"published": published, "may_withdraw": coming and may}


class Discard(Act):
    model = SchemeDraft
    permission = "rulebook.draft"
    template_name = "rulebook/discard.html"
    success_message = "草稿已放弃。"

    def act(self, form: Any) -> SchemeDraft:
        return drafts.discard(self.actor, draft=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_scheme_drafts")


class Simulate(_OfDraft, Act):
    """How many qualify, who gains and loses, what it costs by area, when the budget is spent."""

    model = SchemeDraft
    permission = "rulebook.drafts"
    template_name = "rulebook/simulate.html"
    form_class = SimulationForm
    partials = ("simulation",)

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def get_initial(self) -> dict[str, Any]:
        asked = self.object.simulated or {}
        return {"budget": asked.get("budget") or self._budget(), "uptake": asked.get("uptake", 100)}

    def _budget(self) -> Decimal | None:
        """What the books have for the programme, so that nobody types it."""
        version = check(self.object).version
        return None if version is None else budget_of(version, self.object.organisation.path)

    def act(self, form: SimulationForm) -> SchemeDraft:
        given: tuple[Decimal | None, int] = (form.cleaned_data["budget"], form.cleaned_data["uptake"])
        return drafts.ask_simulation(self.actor, draft=self.object, budget=given[0], uptake=given[1])

    def get_success_url(self) -> str:
        return self.request.path

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs) | self.around()
        state = self.object.simulation
        waiting = state == SchemeDraft.Simulation.WAITING
        result = self.object.simulated if state == SchemeDraft.Simulation.DONE else None
        union = self.object.organisation
        if result and withholding.closed(self.actor, counted_by(self.checked), union):
            result = withholding.coarse(result, union)
        return found | {
            "waiting": waiting,
            "url": self.request.path,
            "found": _told(result) if result else None,
        }


def _told(found: dict[str, Any]) -> dict[str, Any]:
    """Stored results with days and sums as values, for the page."""
    shown = dict(found)
    for name in ("cost", "cost_was", "budget", "expected"):
        shown[name] = None if found[name] is None else Decimal(found[name])
    for name in ("on", "spent_on"):
        shown[name] = None if found[name] is None else date.fromisoformat(found[name])
    shown["areas"] = [
        one | {"cost": None if one["cost"] is None else Decimal(one["cost"])} for one in found["areas"]
    ]
    shown["tiles"] = [
        {"label": "将符合", "value": found["now"], "unit": "人", "note": f"现行 {number(found['was'])} 人"},
        {"label": "新增", "value": found["gains"], "unit": "人", "note": "现行不符合、将符合"},
        {"label": "减少", "value": found["loses"], "unit": "人", "note": "现行符合、将不符合"},
    ]
    return shown


class Affected(_OfDraft, Detail):
    """Some of those who gain or lose, with the reason; only people and facts one may see. Each look is journalled."""

    model = SchemeDraft
    permission = "rulebook.drafts"
    template_name = "rulebook/affected.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        side = "loses" if self.request.GET.get("side") == "loses" else "gains"
        found = self.around() | {"side": side, "rows": [], "next_url": None}
        if self.checked.version is None:
            return found
        draft: SchemeDraft = self.object
        closed = withholding.closed(self.actor, facts_of(self.checked), draft.organisation)
        if why := withholding.unlisted(closed):
            return found | {"unlisted": why}
        prefixes = self.access.prefixes("members.view")
        where = Person.scope_q(prefixes)
        rows = simulation.affected(self.checked, draft.organisation, side, where)
        if (after := number_of(self.request.GET.get("after", ""))) is not None:
            rows = rows.filter(pk__gt=after)
        people = list(rows[: PEOPLE + 1])
        more = len(people) > PEOPLE
        people = people[:PEOPLE]
        found["rows"] = self._with_reasons(people)
        if people:
            journal(
                self.actor, "rulebook.affected_opened", subject=draft, label=title_of(draft),
                paths=draft.organisation.paths, detail={"side": side, "persons": [one.pk for one in people]},
            )  # fmt: skip
        if more:
            found["next_url"] = f"?side={side}&after={people[-1].pk}"
        base = self.request.path
        found["tabs"] = [
            {"label": "新增的人", "url": f"{base}?side=gains", "current": side == "gains", "count": None},
            {"label": "减少的人", "url": f"{base}?side=loses", "current": side == "loses", "count": None},
        ]
        return found

    def _with_reasons(self, people: list[Any]) -> list[dict[str, Any]]:
        version, current = self.checked.version, self.checked.current
        assert version is not None
        known = values([one.pk for one in people], facts_of(self.checked), version.starts)
        unions = dict(
            Membership.objects.all()
            .visible_to(self.access)
            .current()
            .filter(person__in=people)
            .values_list("person_id", "organisation__name")
        )
        found = []
        for one in people:
            told = [version, current] if current is not None else [version]
            verdicts = judge_values(known[one.pk], told, version.starts)
            unmet = [reason.text for verdict in verdicts for reason in verdict.unmet]
            found.append(
                {
                    "name": one.masked_name,
                    "union": unions.get(one.pk, ""),
                    "why": "；".join(dict.fromkeys(unmet)),
                }
            )
        return found


class Publish(_OfDraft, Act):
    """Another than the author publishes; from then on the text never changes."""

    model = SchemeDraft
    permission = "rulebook.publish"
    template_name = "rulebook/publish.html"
    success_message = "方案已发布，自 {result.starts:%Y-%m-%d} 起施行。此前作出的决定不变。"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def act(self, form: Any) -> Any:
        return drafts.publish(self.actor, draft=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_scheme_draft", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | self.around()


class Withdraw(Act):
    model = SchemeDraft
    permission = "rulebook.publish"
    template_name = "rulebook/withdraw.html"
    form_class = WithdrawForm
    success_message = "已撤回，草稿可以继续修改。"

    def act(self, form: WithdrawForm) -> Any:
        return drafts.withdraw(self.actor, draft=self.object, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        return reverse("desk_scheme_draft", args=[self.object.pk])
