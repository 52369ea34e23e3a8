"""What stands nowhere below /api/: 404, told as a problem by the middleware."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Requires


@method_decorator(csrf_exempt, name="dispatch")  # it does nothing, for anyone
class Missing(Requires):
    """Any method, any address: not found."""

    permission = EVERYONE

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        raise Http404
