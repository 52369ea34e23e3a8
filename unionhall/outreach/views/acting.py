"""What the desk's forms of this room share: one plain page with a heading, a way back and one button."""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest
from django.urls import reverse

from unionhall.access.lookups import CountsLookups
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create
from unionhall.organisations.models import Organisation
from unionhall.organisations.subtrees import Subtree

from .. import choosing

VIEW, VISIT = "outreach.view", "outreach.visit"
ASSIGN, SUPERVISE = "outreach.assign", "outreach.supervise"


class _Plain:
    """`heading`, `submit`, `warning` and `back()` fill outreach/form.html."""

    heading: ClassVar[str] = ""
    submit: ClassVar[str] = "确定"
    warning: ClassVar[str] = ""
    trail: ClassVar[tuple[str, str]] = ("走访联系", "desk_visits")

    def back(self) -> str:
        raise NotImplementedError

    def lead(self) -> str:
        return ""

    def context(self) -> dict[str, Any]:
        label, name = self.trail
        return {
            "heading": self.heading,
            "submit": self.submit,
            "warning": self.warning,
            "lead": self.lead(),
            "back": self.back(),
            "list_label": label,
            "list_url": reverse(name),
        }

    def get_success_url(self) -> str:
        return self.back()


class PlainAct(_Plain, Act):
    """A verb on an object."""

    template_name = "outreach/form.html"


class PlainCreate(_Plain, Create):
    """Something new."""

    template_name = "outreach/form.html"


class CountsPeople(CountsLookups):
    """Mixed into a view whose form takes members by name or number: each line that is a number is a look-up."""

    people_field: ClassVar[str] = "people"

    def numbers_in(self, request: HttpRequest) -> list[str]:
        return choosing.numbers_in(request.POST.get(self.people_field, ""))


def narrowed(rows: ScopedQuerySet[Any], code: str, access: Any, to: str = "organisation") -> Any:
    """Rows of the subtree of the union with this code; 404 for one that the reader doesn't see."""
    if not code:
        return rows
    found = Organisation.objects.visible_to(access, to=VIEW).filter(code=code).first()
    if found is None:
        raise Http404
    return rows.filter(Subtree(found).q(to))
