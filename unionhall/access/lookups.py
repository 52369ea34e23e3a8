"""How many numbers (documents, phones, members, cards) one account may look up in an hour.

An exact look-up answers for persons whom the asker may not otherwise see, so that nobody is registered twice. Work at
a window stays far below the limit; walking through numbers does not. Beyond it: one journal entry, and a refusal.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase

from unionhall.foundation import throttling
from unionhall.foundation.actors import Actor
from unionhall.foundation.throttling import Wait
from unionhall.records.actions import journal

from . import attempts

_HOUR = timedelta(hours=1)


def refusal(actor: Actor, numbers: int | Collection[str] = 1) -> str:
    """Count look-ups of an account; answers why it may not go on, empty when it may.

    `numbers`: how many or, where it is said which, those that the account has not looked up within the hour: whoever
    corrects one line of many looks up one. Outside the transaction of what is looked up: a refused act must not give
    the look-up back.
    """
    if actor.account_id is None:
        return ""
    key, limit = str(actor.account_id), settings.LOOKUPS_HOURLY
    wait = _take(key, max(numbers, 1)) if isinstance(numbers, int) else _take_new(key, numbers)
    if wait is None:
        return ""
    if throttling.take("look-up-told", key, limit=1, per=_HOUR) is None:
        journal(actor, "access.many_lookups", detail={"limit": limit})
    return (
        f"一小时内按号码查找已超过 {limit} 次，请 {attempts.words(wait)}后再试。"
        "确有大量核对工作的，请用名册导入，或请运维人员调整上限。"
    )


def _take(key: str, count: int) -> Wait | None:
    return throttling.take("look-up", key, limit=settings.LOOKUPS_HOURLY, per=_HOUR, count=count)


def _take_new(key: str, numbers: Collection[str]) -> Wait | None:
    """Count only what is new; it is known as soon as it was granted, as a keyed hash."""
    given = {f"{key}\0{one}" for one in numbers}
    new = given - throttling.begun("look-up-number", given)
    if not new:
        return None
    if (wait := _take(key, len(new))) is None:
        throttling.begin("look-up-number", new, per=_HOUR)
    return wait


class CountsLookups:
    """Mixed into a view with a form that asks for somebody's number: each post counts before anything is looked up."""

    def numbers_in(self, request: HttpRequest) -> int | Collection[str]:
        """How many numbers this post looks up, or which; none counts nothing."""
        return 1

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        numbers = self.numbers_in(request)
        view: Any = self
        if numbers and (said := refusal(view.actor, numbers)):
            messages.error(request, said)
            form = _unbound(view, request)
            response: HttpResponseBase = view.render_to_response(view.get_context_data(form=form), status=429)
            return response
        answer: HttpResponseBase = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return answer


def _unbound(view: Any, request: HttpRequest) -> Any:
    """The view's form with what was typed, not yet asked: a bound one would look the number up."""
    form = view.get_form_class()(**{**view.get_form_kwargs(), "data": None, "files": None})
    for name, field in form.fields.items():
        widget, key = field.widget, form.add_prefix(name)
        files = widget.needs_multipart_form
        if not files and not widget.value_omitted_from_data(request.POST, request.FILES, key):
            form.initial[name] = widget.value_from_datadict(request.POST, request.FILES, key)
    return form
