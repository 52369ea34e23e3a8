"""What every answer says to the browser: run only our own files, show us in no frame, keep nothing."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponse]
#: Nothing but our own files; `data:` only for pictures in style sheets. No inline script, style or handler anywhere.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
#: A file that somebody uploaded, or that holds what people typed: it is saved, and runs nothing should it be shown.
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
        "fullscreen", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection",
        "local-fonts", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get",
        "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    )
).replace("fullscreen=()", "fullscreen=(self)")  # fmt: skip


class HeadersMiddleware:
    """Content policy without inline script; pages about people are kept by no cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        file = is_file(response)
        policy = FILE_POLICY if file else CONTENT_POLICY
        if settings.SESSION_COOKIE_SECURE and not file:
            policy += "; upgrade-insecure-requests"
        if file:
            response["Content-Security-Policy"] = policy
        response.setdefault("Content-Security-Policy", policy)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        if not request.path.startswith("/static/"):
            private = file or _signed_in(request)
            response.setdefault("Cache-Control", "no-store" if private else "no-cache")
        return response


def is_file(response: HttpResponseBase) -> bool:
    """To keep (`attachment`), or a picture or sound that a page of ours holds (`inline`): neither is a page itself."""
    return response.get("Content-Disposition", "").startswith(("attachment", "inline"))


def _signed_in(request: HttpRequest) -> bool:
    """The user is set by a later middleware; a request refused before it has none."""
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated)
