"""进度查询: the state of a matter by its number, and nothing about anyone."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from unionhall.access import signing
from unionhall.foundation import throttling
from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Page

from .. import progressing
from ..forms import ProgressForm
from ..models import Review, ReviewStep
from ..presenting import clock
from ..procedures import title_of

#: Look-ups a visitor's address may make in a minute, so that numbers cannot be walked through.
PER_MINUTE = 10


@method_decorator(never_cache, name="dispatch")
class Progress(Page):
    """/progress/ — title of the procedure, state and due date; names and unions stay out.

    With number and code one speaks for the person: both are posted, no address carries the code. A receipt's QR code
    has them behind `#`, which no server is told; the page's script fills them in. `?number=` is only written down.
    """

    permission = EVERYONE
    template_name = "reviews/progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ProgressForm(initial={"number": request.GET.get("number", "")})
        return self.render_to_response(self.get_context_data(form=form))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ProgressForm(request.POST)
        found: dict[str, Any] = {"form": form}
        status = 200
        if form.is_valid():
            address = signing.address_digest(request)
            if throttling.take("progress", address, limit=PER_MINUTE, per=timedelta(minutes=1)):
                found["wait"], status = True, 429
            else:
                found["found"] = self._look_up(form.cleaned_data["number"]) or progressing.look_up(
                    form.cleaned_data["number"], form.cleaned_data["code"]
                )
                found["missing"] = found["found"] is None
        else:
            status = 422
        return self.render_to_response(self.get_context_data(**found), status=status)

    def _look_up(self, number: str) -> dict[str, Any] | None:
        rows = Review.objects.everywhere(
            reason="state and due date by number are public, nothing else is read"
        )
        review = rows.filter(number=number).first()
        if review is None:
            return None
        steps = ReviewStep.objects.everywhere(reason="the due date of the current step is public")
        step = steps.filter(review=review, is_current=True).first()
        return {
            "number": review.number,
            "procedure": title_of(review.procedure),
            "state": review.get_state_display(),
            "code": review.state,
            "clock": clock(step, timezone.localdate(), working_calendar()),
            "submitted_at": review.submitted_at,
            "decided_at": review.decided_at,
        }
