"""Scope that cannot be forgotten: a queryset refuses to be evaluated until someone says whose eyes.

Every model says where it stands in the tree of unions (`scope_path`, one or more look-ups to a materialised path),
or why it stands nowhere (`unscoped_because`); a system check insists (see `checks.py`).
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Protocol, Self, TypeVar

from django.db import models

ModelT = TypeVar("ModelT", bound=models.Model, covariant=True)


class UnscopedQuery(RuntimeError):
    """A query was about to run without `.visible_to(access)`, `.owned_by(access)` or `.everywhere(reason=…)`."""


class Access(Protocol):
    """What one actor may see: for each permission, the subtrees (path prefixes) in which it is held."""

    @property
    def account_id(self) -> int | None: ...

    def prefixes(self, permission: str) -> tuple[str, ...]:
        """Path prefixes under which the permission is held; `("",)` means everywhere, `()` nowhere."""
        ...


class ScopedQuerySet(models.QuerySet[ModelT]):
    """A QuerySet that raises UnscopedQuery on list, get, count, aggregate, update, delete and iteration."""

    _admitted = False

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        clone._admitted = self._admitted
        return clone  # type: ignore[no-any-return]

    def _admit(self) -> Self:
        clone = self._chain()  # type: ignore[attr-defined]
        clone._admitted = True
        return clone  # type: ignore[no-any-return]

    def visible_to(self, access: Access, *, to: str | None = None) -> Self:
        """The rows in which the actor holds `to` (default: the model's `view_permission`)."""
        prefixes = access.prefixes(to or self.model.view_permission)  # type: ignore[attr-defined]
        if not prefixes:
            return self._admit().none()
        if "" in prefixes:
            return self._admit()
        return self._admit().filter(self.model.scope_q(prefixes))  # type: ignore[attr-defined]

    def owned_by(self, access: Access) -> Self:
        """The actor's own rows: a worker's card, applications, messages."""
        owner_path: str | None = self.model.owner_path  # type: ignore[attr-defined]
        if access.account_id is None or owner_path is None:
            return self._admit().none()
        return self._admit().filter(**{owner_path: access.account_id})

    def everywhere(self, *, reason: str) -> Self:
        """All rows. The reason is read by people who review the code, so it says why scope does not apply."""
        if not reason:
            raise UnscopedQuery("everywhere() asks for a reason")
        return self._admit()

    def _guard(self) -> None:
        if self._admitted or self.query.is_empty():
            return
        parent = self._hints.get("instance")  # type: ignore[attr-defined]
        part_of = getattr(self.model, "part_of", None)
        if part_of and parent is not None:
            whole = self.model._meta.get_field(part_of).related_model
            if isinstance(whole, type) and isinstance(parent, whole):
                return
        raise UnscopedQuery(
            f"{self.model.__name__}: say .visible_to(access), .owned_by(access) or .everywhere(reason=…)"
        )

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._guard()
        super()._fetch_all()

    def iterator(self, chunk_size: int | None = None) -> Iterator[Any]:
        self._guard()
        return super().iterator(chunk_size) if chunk_size else super().iterator()

    def count(self) -> int:
        if self._result_cache is None:
            self._guard()
        return super().count()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._guard()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._guard()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._guard()
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]
    # exists() is let through: Django's uniqueness checks must see the whole tree (its other uses are linted).


class ScopedModel(models.Model):
    """A model whose rows stand somewhere in the tree of unions."""

    scope_path: ClassVar[str | tuple[str, ...]] = ()
    unscoped_because: ClassVar[str] = ""
    view_permission: ClassVar[str] = ""
    owner_path: ClassVar[str | None] = None
    part_of: ClassVar[str | None] = None

    class Meta:
        abstract = True

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> models.Q:
        """The condition that a row stands under one of the prefixes, in the regional or the industry chain."""
        paths = (cls.scope_path,) if isinstance(cls.scope_path, str) else cls.scope_path
        condition = models.Q(pk__in=[])
        for prefix in prefixes:
            for path in paths:
                condition |= models.Q(**{f"{path}__startswith": prefix})
        return condition
