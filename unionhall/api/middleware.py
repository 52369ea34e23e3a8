"""Below /api/ every error speaks problem+json, whoever made it: the resolver, the framework, a fault of ours."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import problems


class ProblemMiddleware:
    """The outermost middleware: what the others refuse below /api/ is told like what the interface refuses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/api/"):
            return response
        if response.status_code >= 400 and response.get("Content-Type", "") != problems.MEDIA_TYPE:
            response = self._retold(request, response)
        taken = getattr(request, "taken", None)
        if taken is not None:
            for name, value in taken.headers.items():
                response[name] = value
        if request.path.startswith("/api/v1/"):
            response["Cache-Control"] = "no-store"
        return response

    def _retold(self, request: HttpRequest, said: HttpResponse) -> HttpResponse:
        problem = problems.Problem(problems.kind_of(said.status_code))
        response = problems.answer(request, problem, said.status_code)
        for name in said.headers:
            if name not in ("Content-Type", "Content-Length"):
                response[name] = said[name]
        return response
