"""A paper of a case, by one address: saved; `?look=2` a page of ours that holds it, `?show=2` what that page shows.

Whatever hands out content goes through `note`, so that who looked is journalled as who saved is.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header

from unionhall.foundation.errors import Refused
from unionhall.foundation.views.reading import Scoped
from unionhall.kit.text import number_of
from unionhall.records import previews
from unionhall.records.views.files import sandboxed

from ..models import CaseFile

MOST_PAGES = 2000


class Paper(Scoped):
    """One paper. Subclasses say which (`paper`), journal it (`note`) and know the way back (`back_url`)."""

    http_method_names = ("get",)
    layout = "layouts/desk.html"

    def paper(self) -> CaseFile | None:
        raise NotImplementedError

    def note(self, file: CaseFile) -> None:
        """Write down who opened it."""

    def back_url(self) -> str:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        file = self.paper()
        if file is None:
            raise Http404
        kind = previews.kind_of(file.attachment)
        if kind and "look" in request.GET:
            return self._page(file, kind, _number(request.GET["look"]))
        self.note(file)
        if not kind or "show" not in request.GET:
            return _saved(file)
        if kind != "pdf":
            return previews.shown(file.attachment)
        try:
            return previews.shown_page(previews.draw(file.attachment, _number(request.GET["show"])))
        except Refused as refusal:
            raise Http404 from refusal

    def _page(self, file: CaseFile, kind: str, number: int) -> HttpResponseBase:
        """The page around it; of a PDF with how many there are, and a word where it cannot be drawn."""
        found: dict[str, Any] = {
            "layout": self.layout, "file": file, "kind": kind, "number": number, "back_url": self.back_url(),
            "url": self.request.path, "of": 0, "refusal": "",
        }  # fmt: skip
        if kind == "pdf":
            try:
                found["of"] = previews.pages(file.attachment)
            except Refused as refusal:
                found["refusal"] = str(refusal)
            if found["of"] and number > found["of"]:
                raise Http404
        found["before_url"] = f"{self.request.path}?look={number - 1}" if number > 1 else ""
        found["after_url"] = f"{self.request.path}?look={number + 1}" if number < found["of"] else ""
        return render(self.request, "cases/look.html", found)


def _number(text: str) -> int:
    number = number_of(text)
    if number is None or not 1 <= number <= MOST_PAGES:
        raise Http404
    return number


def _saved(file: CaseFile) -> HttpResponseBase:
    """To keep, under its own type: what a page of ours holds as a picture or sound stays one when it is saved."""
    response = sandboxed(file.attachment)
    response["Content-Type"] = file.attachment.content_type
    response["Content-Disposition"] = content_disposition_header(True, file.attachment.name) or "attachment"
    return response
