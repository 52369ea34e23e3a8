"""The same CSV through django-import-export 4, tuned as its documentation says: what intake is measured against.

The same rows in the end: four resources on our own tables, because one resource writes one model. Persons (every cell
checked by the same rules, one by one; names read; member numbers), their memberships, employments and cards. All
use_bulk with batches of a thousand, no diff, no full_clean, no row values kept; known rows are loaded once
(CachedInstanceLoader), foreign keys come from a dictionary. What a register of ours needs beyond an import it gets by
the column, as intake does: sealing, keyed indexes, numbers from the sequences. It makes no preview, no figures, no
journal and no undo. Reading again is told twice: with skip_diff, under which the package updates every row, and with
skip_unchanged instead.
"""

# ruff: noqa: S608 - the statements are built from our own column names
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

__all__ = ["measure_peer"]


def measure_peer(
    union: Any,
    paths: Sequence[Path],
    rows: int,
    bring_in: Callable[[Any, Path], Any],
    taken_back: Callable[[Any], Any],
    tell: Callable[..., None],
) -> None:
    """For each file in turn: ours inserts it, reads it again and is taken back; theirs inserts it and reads it again.

    Each reads again what it wrote itself: rows of the other would not be the same to it. Both must leave the same
    rows; the rates are those of all files together.
    """
    spent: dict[str, float] = defaultdict(float)

    def timed(what: str, work: Callable[[], Any]) -> Any:
        start = perf_counter()
        answer = work()
        spent[what] += perf_counter() - start
        return answer

    for path in paths:
        ours, theirs = partial(bring_in, union, path), partial(_imported, union, path)
        batch = timed("ours", ours)
        assert batch.counts["new"] == rows, batch.counts
        same = timed("ours again", ours)
        assert same.counts == {"same": rows}, same.counts
        left = _left(union)
        taken_back(batch)
        timed("theirs", partial(theirs, diff=False))
        assert _left(union) == left, "the peer left other rows"
        timed("again", partial(theirs, diff=False))
        timed("same", partial(theirs, diff=True))
        assert _left(union) == left, "the peer left other rows"
    every = rows * len(paths)
    pairs = {
        "insert": ("ours", "theirs"),
        "again": ("ours again", "again"),
        "unchanged": ("ours again", "same"),
    }
    for name, (one, other) in pairs.items():
        tell(f"intake.vs_import_export.{name}", every / spent[one], "rows/s", every / spent[other])


def _left(union: Any) -> str:
    """A digest of what the register knows of the union's members, without keys, numbers and seals."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT md5(string_agg(concat_ws('|', encode(p.id_index, 'hex'), p.name, p.initials, p.sort_key, p.sex,
                   p.birth, encode(p.phone_index, 'hex'), p.ethnicity, p.education, p.political, p.skill,
                   p.household_type, p.migrant_worker, length(p.member_number), m.path, m.period, m.joined_on, m.entry,
                   m.standing, e.work_unit, e.occupation, e.status, e.form, e.period, length(c.number), c.status,
                   c.issued_on), ';' ORDER BY p.id_index))
               FROM members_membership m JOIN members_person p ON p.id = m.person_id
               LEFT JOIN members_employment e ON e.person_id = p.id LEFT JOIN members_card c ON c.person_id = p.id
               WHERE m.organisation_id = %s""",
            [union.pk],
        )
        (found,) = cursor.fetchone()
    return str(found)


def _imported(union: Any, path: Path, *, diff: bool) -> None:
    import tablib
    from django.db import transaction

    with transaction.atomic():
        data = tablib.Dataset().load(path.read_text("utf-8-sig"), format="csv")
        for resource in _resources(union, diff):
            done = resource().import_data(data, raise_errors=True)
            assert done.totals["new"] + done.totals["update"] + done.totals["skip"] == len(data), done.totals


def _numbers(body: str, number: str, division: str, count: int) -> list[str]:
    """So many new numbers in one query. `body` and `number` are the register's own SQL over columns d and n."""
    from django.db import connection

    rows = f"SELECT '{division}'::text AS d FROM generate_series(1, {count})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {number} FROM (SELECT {body} AS n FROM ({rows}) AS r OFFSET 0) AS bodies")
        return [found for (found,) in cursor.fetchall()]


def _resources(union: Any, diff: bool) -> list[type[Any]]:
    from django.core.exceptions import ValidationError
    from django.db.backends.postgresql.psycopg_any import DateRange
    from import_export import fields, resources, widgets
    from import_export.instance_loaders import CachedInstanceLoader

    from unionhall.foundation.sealing import IDENTITY, PHONE, Sealed, identity_text, ring
    from unionhall.kit.identifiers import IdType, check_document, normalise_name, normalise_phone
    from unionhall.kit.pinyin import initials, sort_key
    from unionhall.members.intake.columns import BY_KEY
    from unionhall.members.intake.planting import _FIELDS
    from unionhall.members.models import Card, Employment, Membership, Person
    from unionhall.members.numbers import card_body_sql, card_number_sql, member_number_sql

    titles = {key: title for title, key in _FIELDS}
    today = date.today()  # noqa: DTZ011
    people: dict[bytes, int] = {}
    names: dict[int, list[str]] = {}

    def coded(row: Any, key: str) -> str:
        text = row[titles[key]]
        codes = BY_KEY[key].codes
        assert codes is not None
        code = codes.code_of(text) if text else ""
        if code is None:
            raise ValidationError({key: text})
        return code

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
        #: What is compared under skip_unchanged.
        compared: tuple[str, ...] = ()

        def get_queryset(self) -> Any:
            return self._meta.model.objects.everywhere(reason="the measured peer")

        def bulk_create(self, *args: Any, batch_size: int | None = None, **kwargs: Any) -> None:
            self.get_queryset().bulk_create(self.create_instances, batch_size=batch_size)
            self.create_instances.clear()

        def bulk_update(self, *args: Any, batch_size: int | None = None, **kwargs: Any) -> None:
            if self.update_instances:
                self.get_queryset().bulk_update(self.update_instances, self.written, batch_size=batch_size)
            self.update_instances.clear()

        def get_import_fields(self) -> list[Any]:
            return []

        def get_user_visible_fields(self) -> list[Any]:
            return []

        def skip_row(
            self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
        ) -> bool:
            if not self._meta.skip_unchanged or instance.pk is None:
                return False
            return all(getattr(instance, key) == getattr(original, key) for key in self.compared)

    class PersonResource(Bulk):
        compared = (
            "name", "sex", "birth", "phone_index", "migrant_worker", "ethnicity", "education", "political",
            "household_type", "skill",
        )  # fmt: skip
        written = (*compared, "phone", "initials", "sort_key")
        id_index = fields.Field("id_index", "id_index", widgets.Widget())

        class Meta(Options):
            model = Person
            import_id_fields = ("id_index",)
            fields = ("id_index",)

        def before_import(self, dataset: Any, **kwargs: Any) -> None:
            numbers, phones = dataset[titles["id_number"]], dataset[titles["phone"]]
            texts = [identity_text("01", number) for number in numbers]
            dataset.append_col(ring().index_many(IDENTITY, texts), header="id_index")
            dataset.append_col(ring().seal_many(numbers), header="sealed_id")
            dataset.append_col(ring().index_many(PHONE, phones), header="phone_index")
            dataset.append_col(ring().seal_many(phones), header="sealed_phone")
            known = self.get_queryset().filter(id_index__in=dataset["id_index"]).count()
            wanted = len(dataset) - known
            self.numbers = iter(_numbers(member_number_sql("d"), "n", union.division, wanted))

        def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            facts = check_document(IdType.RESIDENT, row[titles["id_number"]], today)
            name = normalise_name(row[titles["name"]])
            birth, sex = date.fromisoformat(row[titles["birth"]]), coded(row, "sex")
            if birth != facts.birth or sex != facts.sex or birth > today:
                raise ValidationError({"birth": row[titles["birth"]]})
            normalise_phone(row[titles["phone"]])
            instance.name, instance.initials, instance.sort_key = name, initials(name), sort_key(name)
            instance.birth, instance.sex = birth, sex
            for key in ("ethnicity", "education", "political", "household_type", "skill"):
                setattr(instance, key, coded(row, key))
            instance.migrant_worker = {"是": True, "否": False}[row[titles["migrant_worker"]]]
            instance.phone, instance.phone_index = Sealed(row["sealed_phone"]), row["phone_index"]
            if instance.pk is None:
                instance.id_type, instance.id_index = "01", row["id_index"]
                instance.id_number = Sealed(row["sealed_id"])
                instance.member_number = next(self.numbers)

    class Known(CachedInstanceLoader):  # type: ignore[misc]  # untyped
        """Rows by the index of their person: one query, as the cached loader of the package does it."""

        def __init__(self, resource: Any, dataset: Any = None) -> None:
            self.resource, self.dataset = resource, dataset
            found = resource.get_queryset().filter(person__in=list(people.values()), **resource.open)
            self.all_instances = {one.person_id: one for one in found}
            resource.known = len(self.all_instances)

        def get_instance(self, row: Any) -> Any:
            return self.all_instances.get(people[row["id_index"]])

    class OfPerson(Bulk):
        open: ClassVar[dict[str, Any]] = {"period__upper_inf": True}
        person_id = fields.Field("person_id", "id_index", widgets.Widget())

        class Meta(Options):
            instance_loader_class = Known
            import_id_fields = ("person_id",)
            fields = ("person_id",)

    class MembershipResource(OfPerson):
        compared = ("joined_on", "name", "initials")
        written = ("joined_on", "period", "path", "name", "initials")

        class Meta(OfPerson.Meta):
            model = Membership

        def before_import(self, dataset: Any, **kwargs: Any) -> None:
            found = Person.objects.everywhere(reason="the measured peer").filter(
                id_index__in=dataset["id_index"]
            )
            for index, number, *words in found.values_list("id_index", "pk", "name", "initials"):
                people[bytes(index)], names[number] = number, words

        def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            joined = date.fromisoformat(row[titles["joined_on"]])
            if joined > today or joined < date.fromisoformat(row[titles["birth"]]):
                raise ValidationError({"joined_on": row[titles["joined_on"]]})
            instance.person_id = people[row["id_index"]]
            instance.name, instance.initials = names[instance.person_id]
            instance.organisation_id, instance.path = union.pk, union.path
            instance.joined_on, instance.entry = joined, "intake"
            instance.period = DateRange(max(joined, union.existence.lower), None)

    class EmploymentResource(OfPerson):
        compared = written = ("occupation", "status", "form")

        class Meta(OfPerson.Meta):
            model = Employment

        def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            joined = date.fromisoformat(row[titles["joined_on"]])
            instance.person_id = people[row["id_index"]]
            instance.occupation = " ".join(row[titles["occupation"]].split())
            if len(instance.occupation) > 60:
                raise ValidationError({"occupation": instance.occupation})
            instance.status, instance.form = coded(row, "status"), coded(row, "form")
            if instance.pk is None:
                instance.period = DateRange(max(joined, union.existence.lower), None)

    class CardResource(OfPerson):
        open: ClassVar[dict[str, Any]] = {"status": "active"}

        class Meta(OfPerson.Meta):
            model = Card

        def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            if instance.pk is None:
                instance.person_id, instance.issued_on = people[row["id_index"]], today
                if not hasattr(self, "numbers"):
                    wanted = len(people) - self.known
                    self.numbers = iter(
                        _numbers(card_body_sql("d"), card_number_sql("n"), union.division, wanted)
                    )
                instance.number = next(self.numbers)

        def skip_row(self, instance: Any, *args: Any, **kwargs: Any) -> bool:
            """A card that stands needs nothing."""
            return instance.pk is not None

    return [PersonResource, MembershipResource, EmploymentResource, CardResource]
