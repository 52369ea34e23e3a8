"""Says, once per request, whose eyes look: `request.user`, `request.access` and `request.actor`."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from unionhall.foundation.actors import Actor

from . import devices
from .grants import access_of
from .models import Account
from .sessions import BY_CODE, SIGNED_IN_BY


class SignedInMiddleware(AuthenticationMiddleware):
    """Django's, which takes the account that was read with the session instead of reading it once more."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]


def _user(request: Any) -> Any:
    if not hasattr(request, "_cached_user"):
        request._cached_user = _account(request.session) or auth.get_user(request)
    return request._cached_user


def _account(session: Any) -> Account | None:
    """The session's account, when all that Django asks of it holds. Otherwise None: then Django decides, which also
    knows former secret keys and ends sessions that no longer hold."""
    account: Account | None = getattr(session, "account", None)  # another engine brings none
    if (
        account is not None
        and account.is_active
        and session.get(auth.SESSION_KEY) == str(account.pk)
        and session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(auth.HASH_SESSION_KEY, ""), account.get_session_auth_hash())
    ):
        return account
    return None


class AccessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        by_code = request.session.get(SIGNED_IN_BY) == BY_CODE
        access = access_of(request.user if request.user.is_authenticated else None, desk=not by_code)
        name = request.user.display_name if request.user.is_authenticated else "访客"
        request.access = access  # type: ignore[attr-defined]
        request.actor = Actor(access.account_id, name, access, getattr(request, "trace", ""))  # type: ignore[attr-defined]
        response = self.get_response(request)
        devices.keep(request, response)
        return response
