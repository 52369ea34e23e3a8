"""The gate before every page, and the plainest page behind it."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic.base import TemplateView, View

from ..actors import Actor, NotAllowed
from ..offers import offers
from ..permissions import EVERYONE, SIGNED_IN, Role, permission
from ..scope import Access


class Requires(View):
    """A view that says whom it is for: `permission` is a declared code, EVERYONE or SIGNED_IN. None is a mistake.

    A visitor who is not signed in is sent to the entrance's sign-in page; a signed-in one who lacks the
    permission everywhere gets a 403 that names it and who can grant it; an object out of scope is a 404.
    """

    permission: ClassVar[str]

    @property
    def access(self) -> Access:
        return self.request.access  # type: ignore[attr-defined,no-any-return]

    @property
    def actor(self) -> Actor:
        return self.request.actor  # type: ignore[attr-defined,no-any-return]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.permission == EVERYONE:
            return self._guarded(request, *args, **kwargs)
        if self.access.account_id is None:
            return redirect(f"{sign_in_url(request)}?{urlencode({'next': request.get_full_path()})}")
        if self.permission != SIGNED_IN and not self.access.prefixes(self.permission):
            return forbidden(request, self.permission)
        return self._guarded(request, *args, **kwargs)

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotAllowed as refusal:
            return forbidden(request, refusal.code)


def sign_in_url(request: HttpRequest) -> str:
    """Workers sign in by SMS code, desks by name and password."""
    return reverse("m_sign_in" if request.path.startswith("/m/") else "sign_in")


def forbidden(request: HttpRequest, code: str) -> HttpResponse:
    """403, naming the missing permission, the roles that carry it and who can grant it."""
    missing = permission(code)
    told = {
        "missing_permission": missing.label,
        "holders": "、".join(sorted(role.label for role in missing.roles)) or Role.OPERATOR.label,
        "grantors": [found.label for found in offers("permission.missing", request, missing)],
    }
    return render(request, "403.html", told, status=403)


class Page(Requires, TemplateView):
    """A page that only shows. `context()` gives what the template needs; `offer_place` fills the offered links."""

    offer_place: ClassVar[str] = ""

    def context(self) -> dict[str, Any]:
        return {}

    def subject(self) -> Any:
        return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        if self.offer_place:
            found["offers"] = offers(self.offer_place, self.request, self.subject())
        return found | self.context()

    def get_template_names(self) -> list[str]:
        """`template.html#partial` for an HTMX request that names a partial of the same page as its target."""
        names: list[str] = super().get_template_names()
        target = self.request.headers.get("HX-Target", "")
        partials: tuple[str, ...] = getattr(self, "partials", ())
        if self.request.headers.get("HX-Request") and target in partials:
            return [f"{names[0]}#{target}"]
        return names
