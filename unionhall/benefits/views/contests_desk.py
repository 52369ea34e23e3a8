"""/desk/subsidy/contests/: a contest in a trade without certificates, and who came in far enough."""

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.views import Create

from .. import contests, entitlements
from ..forms.contests import ContestForm


class RegisterContest(Create):
    permission = contests.PERMISSION
    form_class = ContestForm
    template_name = "benefits/subsidy/contest.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        found = contests.trades(entitlements.home(), timezone.localdate())
        return super().get_form_kwargs() | {"occupations": found}

    def act(self, form: ContestForm) -> tuple[int, int]:
        return contests.register(
            self.actor, contest=form.contest, placed=form.cleaned_data["places"], division=entitlements.home()
        )

    def get_success_url(self) -> str:
        count, new = self.result
        messages.success(self.request, f"{count} 人可以按竞赛成绩申请，新登记 {new} 人；有账号的会收到告知。")
        return reverse("desk_subsidy")
