"""/screen/: the figures of one union for a wall, renewed by itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from unionhall.foundation.views.pages import sign_in_url

from ..wall import wall
from .dashboard import OfUnion


class Wall(OfUnion):
    """The whole page."""

    template_name = "insights/screen.html"
    day = None  # a wall shows today

    def context(self) -> dict[str, Any]:
        code = self.organisation.code
        return {
            "object": self.organisation,
            "part_url": f"{reverse('screen_figures')}?under={code}",
            "figures_url": f"{reverse('desk_figures')}?under={code}",
            "wall": wall(self.organisation, self.access),
        }


class WallPart(Wall):
    """What changes on it. A session that has ended sends the whole window to the sign-in page."""

    template_name = "insights/wall.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.access.account_id is None and request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": f"{sign_in_url(request)}?next={reverse('screen')}"})
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        return super().context() | {"renewing": True}
