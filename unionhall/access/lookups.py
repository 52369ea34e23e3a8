"""How many numbers (documents, phones, members, cards) one account may look up in an hour.

An exact look-up answers for persons whom the asker may not otherwise see, so that nobody is registered twice. Work at
a window stays far below the limit; walking through numbers does not. Beyond it: one journal entry, and a refusal.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase

from unionhall.foundation import throttling
from unionhall.foundation.actors import Actor
from unionhall.records.actions import journal

from . import attempts

_HOUR = timedelta(hours=1)


def refusal(actor: Actor, numbers: int = 1) -> str:
    """Count look-ups of an account; answers why it may not go on, empty when it may.

    Outside the transaction of what is looked up: a refused act must not give the look-up back.
    """
    if actor.account_id is None:
        return ""
    key, limit = str(actor.account_id), settings.LOOKUPS_HOURLY
    waits = [throttling.take("look-up", key, limit=limit, per=_HOUR) for _ in range(max(numbers, 1))]
    if (wait := waits[-1]) is None:
        return ""
    if throttling.take("look-up-told", key, limit=1, per=_HOUR) is None:
        journal(actor, "access.many_lookups", detail={"limit": limit})
    return (
        f"一小时内按号码查找已超过 {limit} 次，请 {attempts.words(wait)}后再试。"
        "确有大量核对工作的，请用名册导入，或请运维人员调整上限。"
    )


class CountsLookups:
    """Mixed into a view with a form that asks for somebody's number: each post counts before anything is looked up."""

    def numbers_in(self, request: HttpRequest) -> int:
        """How many numbers this post looks up; 0 counts nothing."""
        return 1

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        numbers = self.numbers_in(request)
        view: Any = self
        if numbers and (said := refusal(view.actor, numbers)):
            # An unbound form: filling in what was typed would look the number up.
            form = view.get_form_class()(**{**view.get_form_kwargs(), "data": None, "files": None})
            messages.error(request, said)
            response: HttpResponseBase = view.render_to_response(view.get_context_data(form=form), status=429)
            return response
        answer: HttpResponseBase = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return answer
