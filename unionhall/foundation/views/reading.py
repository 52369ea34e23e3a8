"""Lists and details over scoped querysets."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.http import Http404
from django.utils.http import urlencode

from ..scope import ScopedQuerySet
from ..wording import AtLeast
from .pages import Page

PAGE_SIZE = 20


class Scoped(Page):
    """Shared by views over a model: what the actor may see of it, for the purpose of this page."""

    model: ClassVar[type[Model]]
    mine = False  # True on the worker's own pages: rows that belong to the account itself
    slug_field: ClassVar[str] = "pk"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows: ScopedQuerySet[Any] = self.model.objects.all()  # type: ignore[attr-defined]
        if self.mine:
            return rows.owned_by(self.access)
        code = self.permission if "." in self.permission else None
        return rows.visible_to(self.access, to=code)

    @cached_property
    def object(self) -> Any:
        """The scoped object the address names, or 404: out of scope and absent look the same."""
        value = self.kwargs.get("pk", self.kwargs.get("slug"))
        try:
            return self.get_queryset().get(**{self.slug_field: value})
        except (self.model.DoesNotExist, ValueError) as missing:  # type: ignore[attr-defined]
            raise Http404 from missing

    def subject(self) -> Any:
        return self.object


class Detail(Scoped):
    """One object; the template knows it as `object`."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(object=self.object, **kwargs)


class List(Scoped):
    """A page of rows. Filters live in the URL (`filter_form`), the total is shown, and pages are bounded.

    Ordering is by `ordering` (unique, by a column of the row); pages follow each other by key (`after`, `before`)
    so that page one thousand costs what page one costs. HTMX asks for the partial named `table`.
    """

    filter_form: ClassVar[type[forms.Form] | None] = None
    ordering: ClassVar[str] = "-pk"
    page_size: ClassVar[int] = PAGE_SIZE
    partials: ClassVar[tuple[str, ...]] = ("table",)
    count_limit: ClassVar[int] = 10_000

    @cached_property
    def form(self) -> Any:
        if self.filter_form is None:
            return None
        form = self.filter_form(self.request.GET or None)
        form.is_valid()
        return form

    @property
    def chosen(self) -> dict[str, Any]:
        """Valid filter values; an invalid one is left out and its message shown beside the field."""
        form = self.form
        return {
            name: value
            for name, value in getattr(form, "cleaned_data", {}).items()
            if value not in (None, "")
        }

    def filtered(self) -> ScopedQuerySet[Any]:
        """What the filters leave. Rooms override this; exports use the same method, so they follow the filters."""
        return self.get_queryset()

    def decorate(self, rows: list[Any]) -> list[Any]:
        """A last pass over the page's rows (masking, labels); no queries per row."""
        return rows

    def subject(self) -> Any:
        return None

    def total(self) -> int:
        """Counted up to `count_limit`; beyond it the page says “… 以上”."""
        found: int = self.filtered().order_by()[: self.count_limit + 1].count()
        return found if found <= self.count_limit else AtLeast(self.count_limit)

    def take(self, rows: ScopedQuerySet[Any], count: int) -> list[Any]:
        """The first rows of an ordered query."""
        return list(rows[:count])

    def ordered(self, rows: ScopedQuerySet[Any], *, falling: bool) -> ScopedQuerySet[Any]:
        """Rows in the order of the pages. A room overrides it, and `beyond`, where another index leads to them."""
        field = self.ordering.lstrip("-")
        return rows.order_by(f"-{field}" if falling else field)

    def beyond(self, rows: ScopedQuerySet[Any], key: str, *, falling: bool) -> ScopedQuerySet[Any]:
        """What follows the row with a key in that order. Raises ValueError or TypeError for what is no key."""
        field = self.ordering.lstrip("-")
        return rows.filter(**{f"{field}__{'lt' if falling else 'gt'}": key})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, older, newer = self._page()
        query = self.request.GET.copy()
        for name in ("after", "before", "select"):
            query.pop(name, None)
        return super().get_context_data(
            rows=self.decorate(rows),
            total=self.total(),
            filter_form=self.form,
            filters_active=bool(self.chosen),
            query=query.urlencode(),
            next_url=_link(query, after=older),
            previous_url=_link(query, before=newer),
            **kwargs,
        )

    def _page(self) -> tuple[list[Any], Any, Any]:
        """Rows of the page, the key for the following page (or None) and for the preceding one (or None)."""
        field = self.ordering.lstrip("-")
        descending = self.ordering.startswith("-")
        after, before = self.request.GET.get("after"), self.request.GET.get("before")
        rows = self.filtered()
        backwards = bool(before) and not after
        key = before if backwards else after
        falling = descending != backwards
        if key:
            try:
                rows = self.beyond(rows, key, falling=falling)
            except (ValueError, TypeError) as wrong:
                raise Http404 from wrong
        found = self.take(self.ordered(rows, falling=falling), self.page_size + 1)
        more = len(found) > self.page_size
        found = found[: self.page_size]
        if backwards:
            found.reverse()
        last = getattr(found[-1], field) if found and (more or backwards) else None
        first = (
            getattr(found[0], field) if found and ((backwards and more) or (key and not backwards)) else None
        )
        return found, last, first


def _link(query: Any, **key: Any) -> str | None:
    (value,) = key.values()
    if value is None:
        return None
    extra = urlencode(key)
    return f"?{query.urlencode()}&{extra}" if query else f"?{extra}"
