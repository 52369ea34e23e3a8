"""The same CSV through django-import-export 4, tuned as its documentation says: what intake is measured against.

Two resources on our own tables, because one resource writes one model: persons (documents checked, sealed, indexed,
names read, as a register of ours needs them), then their memberships. Both use_bulk with batches of a thousand, no
diff, no validation by full_clean, no row values kept, known persons and the union loaded once (CachedInstanceLoader,
foreign keys from a dictionary). It writes no employment, no card, no preview, no figures and no undo; intake does.
Reports of re-import come twice: with skip_diff, under which every row is updated, and with skip_unchanged instead.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

__all__ = ["measure_peer"]

_CODED = (
    "sex", "ethnicity", "education", "political", "household_type", "skill",
)  # fmt: skip


def measure_peer(
    union: Any,
    path: Path,
    rows: int,
    bring_in: Callable[[Any, Path], Any],
    taken_back: Callable[[Any], Any],
    tell: Callable[..., None],
) -> None:
    """Ours inserts, reads the same file again and is taken back; then theirs inserts and reads it again, twice.

    Each reads again what it wrote itself: rows of the other would not be the same to it.
    """
    ours, batch = _timed(lambda: bring_in(union, path))
    assert batch.counts["new"] == rows, batch.counts
    ours_again, same = _timed(lambda: bring_in(union, path))
    assert same.counts == {"same": rows}, same.counts
    taken_back(batch)
    theirs, _ = _timed(lambda: _imported(union, path, diff=False))
    theirs_again, _ = _timed(lambda: _imported(union, path, diff=False))
    theirs_unchanged, _ = _timed(lambda: _imported(union, path, diff=True))
    tell("intake.vs_import_export.insert", rows / ours, "rows/s", rows / theirs)
    tell("intake.vs_import_export.again", rows / ours_again, "rows/s", rows / theirs_again)
    tell("intake.vs_import_export.unchanged", rows / ours_again, "rows/s", rows / theirs_unchanged)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = perf_counter()
    answer = work()
    return perf_counter() - start, answer


def _imported(union: Any, path: Path, *, diff: bool) -> None:
    import tablib
    from django.db import transaction

    persons, memberships = _resources(union, diff)
    with transaction.atomic():
        data = tablib.Dataset().load(path.read_text("utf-8-sig"), format="csv")
        for resource in (persons, memberships):
            done = resource().import_data(data, raise_errors=True)
            assert done.totals["new"] + done.totals["update"] + done.totals["skip"] == len(data), done.totals


def _resources(union: Any, diff: bool) -> tuple[type[Any], type[Any]]:
    from django.db.backends.postgresql.psycopg_any import DateRange
    from import_export import fields, resources, widgets
    from import_export.instance_loaders import CachedInstanceLoader

    from unionhall.foundation.sealing import identity_index, phone_index
    from unionhall.kit.identifiers import IdType, check_document, normalise_name
    from unionhall.kit.pinyin import initials, sort_key
    from unionhall.members.intake.columns import BY_KEY
    from unionhall.members.intake.planting import _FIELDS
    from unionhall.members.models import Membership, Person

    titles = {key: title for title, key in _FIELDS}
    today = date.today()  # noqa: DTZ011

    class Options:
        use_bulk = True
        batch_size = 1000
        skip_diff = not diff
        skip_unchanged = diff
        skip_html_diff = True
        report_skipped = False
        use_transactions = True
        clean_model_instances = False
        store_instance = store_row_values = False
        instance_loader_class = CachedInstanceLoader

    class Bulk(resources.ModelResource):  # type: ignore[misc]  # untyped
        """As the package does it, but our managers want a word on why they reach beyond an actor's scope."""

        written: tuple[str, ...] = ()

        def get_queryset(self) -> Any:
            return self._meta.model.objects.everywhere(reason="the measured peer")

        def bulk_create(self, *args: Any, batch_size: int | None = None, **kwargs: Any) -> None:
            self.get_queryset().bulk_create(self.create_instances, batch_size=batch_size)
            self.create_instances.clear()

        def bulk_update(self, *args: Any, batch_size: int | None = None, **kwargs: Any) -> None:
            self.get_queryset().bulk_update(self.update_instances, self.written, batch_size=batch_size)
            self.update_instances.clear()

        def get_import_fields(self) -> list[Any]:
            return []

        def get_user_visible_fields(self) -> list[Any]:
            return []

    class PersonResource(Bulk):
        written = ("name", "initials", "sort_key", "birth", "phone_index", "migrant_worker", *_CODED)
        id_index = fields.Field("id_index", "id_index", widgets.Widget())

        class Meta(Options):
            model = Person
            import_id_fields = ("id_index",)
            fields = ("id_index",)

        def before_import(self, dataset: Any, **kwargs: Any) -> None:
            if "id_index" in (dataset.headers or []):
                return
            numbers = dataset[titles["id_number"]]
            dataset.append_col([identity_index("01", number) for number in numbers], header="id_index")

        def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            facts = check_document(IdType.RESIDENT, row[titles["id_number"]], today)
            name, phone = normalise_name(row[titles["name"]]), row[titles["phone"]]
            values: dict[str, Any] = {
                "name": name,
                "initials": initials(name),
                "sort_key": sort_key(name),
                "birth": facts.birth,
            }
            for key in _CODED:
                codes = BY_KEY[key].codes
                values[key] = codes.code_of(row[titles[key]]) or "" if codes else ""
            values["migrant_worker"] = row[titles["migrant_worker"]] == "是"
            values["id_type"], values["id_index"] = "01", row["id_index"]
            values["phone_index"] = phone_index(phone)
            if instance.id_index != values["id_index"] or instance.pk is None:
                values["id_number"] = facts.number
            if instance.phone_index != values["phone_index"]:
                values["phone"] = phone
            for key, value in values.items():
                setattr(instance, key, value)

        def skip_row(
            self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
        ) -> bool:
            if not self._meta.skip_unchanged or instance.pk is None:
                return False
            return all(
                getattr(instance, key) == getattr(original, key)
                for key in ("name", "birth", "phone_index", "migrant_worker", *_CODED)
            )

    class Known(CachedInstanceLoader):  # type: ignore[misc]  # untyped
        """Memberships by the index of their person: one query, as the cached loader of the package does it."""

        def __init__(self, resource: Any, dataset: Any = None) -> None:
            self.resource, self.dataset = resource, dataset
            indexes = dataset["id_index"]
            people = Person.objects.everywhere(reason="the measured peer").filter(id_index__in=indexes)
            resource.people = dict(people.values_list("id_index", "pk"))
            found = self.get_queryset().filter(
                person__in=list(resource.people.values()), period__upper_inf=True
            )
            self.all_instances = {one.person_id: one for one in found}

        def get_instance(self, row: Any) -> Any:
            return self.all_instances.get(self.resource.people[row["id_index"]])

    class MembershipResource(Bulk):
        written = ("joined_on", "period", "path")
        person_id = fields.Field("person_id", "id_index", widgets.Widget())

        class Meta(Options):
            model = Membership
            instance_loader_class = Known
            import_id_fields = ("person_id",)
            fields = ("person_id",)

        def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            joined = date.fromisoformat(row[titles["joined_on"]])
            instance.person_id = self.people[row["id_index"]]
            instance.organisation_id, instance.path = union.pk, union.path
            instance.joined_on, instance.entry = joined, "intake"
            instance.period = DateRange(max(joined, union.existence.lower), None)

        def skip_row(
            self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
        ) -> bool:
            if not self._meta.skip_unchanged or instance.pk is None:
                return False
            return bool(instance.joined_on == original.joined_on)

    return PersonResource, MembershipResource
