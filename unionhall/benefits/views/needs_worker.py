"""职工需求征集 on the phone: choose, once for each round; what meets it already is shown at once."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.views import Create, Page
from unionhall.members.views.own import Own

from .. import needs
from ..actions import needs as actions
from ..forms.needs import SurveyForm
from ..models import Need, NeedsAnswer, NeedsRound

_WHY = "rounds of the reader's own unions, and his own answers"


class _Member(Own):
    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.known is not None and self.membership is None:
            if kwargs:
                raise Http404
            return redirect("m_benefits")
        return super()._guarded(request, *args, **kwargs)

    @property
    def paths(self) -> tuple[str, str]:
        assert self.membership is not None
        return self.membership.path, self.membership.second_path

    def answered(self, round_: NeedsRound) -> NeedsAnswer | None:
        rows = NeedsAnswer.objects.everywhere(reason=_WHY)
        return rows.filter(round=round_, person=self.person).first()

    def rounds(self) -> Any:
        return NeedsRound.objects.everywhere(reason=_WHY).of_union(*self.paths).select_related("organisation")


class Rounds(_Member, Page):
    """/m/needs/: what my unions ask me now, and what I answered before."""

    template_name = "benefits/needs/rounds.html"

    def context(self) -> dict[str, Any]:
        running = list(self.rounds().running(timezone.localdate()).order_by("-pk"))
        mine = NeedsAnswer.objects.everywhere(reason=_WHY).filter(person=self.person)
        answered = set(mine.values_list("round", flat=True))
        return {
            "open": [one for one in running if one.pk not in answered],
            "done": mine.select_related("round__organisation").order_by("-pk")[:20],
        }


class Survey(_Member, Create):
    """/m/needs/<pk>/: the survey; after it, and whenever it is opened again, what meets the choices."""

    template_name = "benefits/needs/survey.html"
    form_class = SurveyForm
    success_message = "已提交，谢谢。工会只看各项需求有多少人选，不看是谁选的。"

    @property
    def round(self) -> NeedsRound:
        found: NeedsRound | None = self.rounds().filter(pk=self.kwargs["pk"]).first()
        if found is None or (not found.is_running and self.answered(found) is None):
            raise Http404
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in needs.asked(self.round):
            groups.setdefault(one.group, []).append((one.code, one.title))
        more = {"choices": list(groups.items()), "most": actions.most_of(self.round)}
        return super().get_form_kwargs() | more

    def act(self, form: SurveyForm) -> NeedsAnswer:
        assert self.membership is not None
        return actions.answer(
            self.actor, round_=self.round, person=self.person, membership=self.membership,
            codes=form.cleaned_data["codes"],
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        round_, answer = self.round, self.answered(self.round)
        if answer is None:
            return {"round": round_, "answer": None}
        today = timezone.localdate()
        assert self.membership is not None
        division = self.membership.organisation.division
        mine = set(Need.objects.everywhere(reason=_WHY).filter(answer=answer).values_list("code", flat=True))
        chosen = [one for one in needs.asked(round_) if one.code in mine]
        found = needs.met(chosen, needs.offered_in(*self.paths, today), division, today)
        titles = needs.benefit_titles(division, today)
        return {
            "round": round_,
            "answer": answer,
            "rows": [
                {
                    "title": one.title,
                    "met": found[one.code],
                    "benefits": [(code, titles[code]) for code in found[one.code].benefits],
                }
                for one in chosen
            ],
        }

    def get_success_url(self) -> str:
        return reverse("m_needs_round", args=[self.kwargs["pk"]])
