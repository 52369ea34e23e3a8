"""/desk/visits/<pk>/photos/<photo>/: one picture, for whoever may see the visit; each opening is journalled."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from unionhall.foundation.views.reading import Scoped
from unionhall.records.views.files import sandboxed

from ..actions import visiting
from ..models import Visit, VisitPhoto
from .acting import VIEW


class OpenPhoto(Scoped):
    model = Visit
    permission = VIEW

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        rows = VisitPhoto.objects.visible_to(self.access).filter(visit=self.object)
        photo = rows.select_related("attachment").filter(pk=self.kwargs["photo"]).first()
        if photo is None:
            raise Http404
        visiting.note_opening(self.actor, visit=self.object, photo=photo)
        return sandboxed(photo.attachment)
