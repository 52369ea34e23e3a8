"""The people of the invented province: persons, memberships as periods, employment and cards, chunk by chunk.

While one chunk is copied the next one is made, and no more than that, so memory stays the same at any size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timezone

import numpy as np
import numpy.typing as npt
import polars as pl
from django.db import connection, models

from unionhall.foundation.bare import bare
from unionhall.foundation.copying import bytes_column
from unionhall.foundation.sealing import IDENTITY, PHONE, ring
from unionhall.kit.pinyin import initials_many, sort_keys
from unionhall.members.documents import RESIDENT
from unionhall.members.models import Card, Employment, Membership, Person
from unionhall.members.synthetic import BLOCKS, PHONE_PREFIX, people

from .sizes import Sizes
from .tables import copy, reserve, reserve_number
from .unions import Union

__all__ = ["Population"]

Ints = npt.NDArray[np.int64]
#: What became of people, per mille: transferred in, retained, left; the rest stayed, or never joined (`Sizes.outside`).
TRANSFERRED, RETAINED, LEFT = 55, 35, 35
EXITS = ("withdrawal", "withdrawal", "withdrawal", "deemed", "expulsion", "death")
#: The first seed of a population; rosters made for trying start from 0.
FIRST_SEED = 300


class Population:
    """Writes `sizes.people` people into the unions' rows, by weight."""

    def __init__(self, sizes: Sizes, unions: list[Union], seed: int, today: date) -> None:
        self.sizes, self.seed, self.today = sizes, seed, today
        members = [union for union in unions if union.has_members and union.until is None]
        former = [union for union in unions if union.successor]
        self.places = _frame(members)
        self.former = _former(former, {union.id: place for place, union in enumerate(members)})
        weights = np.array([union.weight for union in members])
        self.edges = np.cumsum(weights / weights.sum())
        self.edges[-1] = 1.0

    def write(self, report: Callable[[int], None], build: Callable[[int, int], None]) -> None:
        """Make and copy everyone into empty tables. `report` is told how many more stand written, `build` how many
        of the tables' indexes and constraints stand again."""
        self.persons = reserve(Person, self.sizes.people)
        self.numbers = reserve_number("members_member_number", self.sizes.people)
        self.cards = reserve_number("members_card_number", self.sizes.people)
        starts = range(0, self.sizes.people, self.sizes.chunk)
        with bare((Person, Membership, Employment, Card), build), ThreadPoolExecutor(1) as maker:
            coming = maker.submit(self._make, 0, 0)
            for block, done in enumerate(starts):
                chunk = coming.result()
                if done + self.sizes.chunk < self.sizes.people:
                    coming = maker.submit(self._make, block + 1, done + self.sizes.chunk)
                for model, frame in chunk:
                    copy(model, frame if model is Person else _identified(model, frame))
                report(chunk[0][1].height)

    def _make(self, block: int, done: int) -> list[tuple[type[models.Model], pl.DataFrame]]:
        """The rows of one chunk, by table. Asks the database nothing: it runs in a thread of its own."""
        count = min(self.sizes.chunk, self.sizes.people - done)
        random = np.random.default_rng([self.seed, block, 17])
        frame = people(count, seed=(FIRST_SEED + self.seed * 13 + block) % BLOCKS, on=self.today)
        frame = frame.with_columns(
            phone=PHONE_PREFIX + _padded((np.arange(done, done + count) * 61_803_399 + self.seed) % 10**8),
            place=pl.Series(np.searchsorted(self.edges, random.random(count)).astype(np.int64)),
            fate=pl.Series(random.integers(0, 1000, count)),
            luck=pl.Series(random.random(count)),
            later=pl.Series(random.random(count)),
            origin=pl.Series(random.integers(0, len(self.places), count)),
            exit=pl.Series(random.integers(0, len(EXITS), count)),
        )
        frame = self._placed(frame)
        frame = frame.with_columns(
            id=pl.int_range(count, dtype=pl.Int64) + (self.persons + done),
        )
        frame = _read(_numbers(frame, self.numbers + done))
        return [
            (Person, _persons(frame)),
            (Membership, pl.concat(list(self._histories(frame)))),
            (Employment, self._employment(frame)),
            (Card, self._cards(frame, self.cards + done)),
        ]

    def _placed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Each person beside the union: joined no earlier than it was founded, working as its firms do."""
        frame = frame.join(self.places, on="place", how="left")
        origins = self.places.select(
            origin="place", o_id="u_id", o_path="u_path", o_second="u_second", o_since="u_since"
        )
        frame = frame.join(origins, on="origin", how="left").sort("id_number")
        today = pl.lit(self.today)
        frame = frame.with_columns(joined_on=_spread(today))
        span = (today - pl.col("u_since")).dt.total_days()
        floor = pl.col("u_since") + pl.duration(days=(span * pl.col("luck") ** 2 * 0.9).cast(pl.Int64))
        joined = pl.max_horizontal("joined_on", pl.when(pl.col("joined_on") < pl.col("u_since")).then(floor))
        platform = pl.col("u_platform")
        frame = frame.with_columns(
            joined_on=pl.min_horizontal(joined.cast(pl.Date), today),
            form=pl.when(platform & (pl.col("luck") < 0.82)).then(pl.lit("5")).otherwise("form"),
            migrant_worker=pl.col("migrant_worker") | (platform & (pl.col("later") < 0.6)),
            # A firm's own trades, picked by chance.
            occupation=pl.when(pl.col("u_jobs").list.len() > 0)
            .then(pl.col("u_jobs").list.get(_pick("luck", pl.col("u_jobs").list.len()), null_on_oob=True))
            .otherwise("occupation"),
            firm=_pick("later", pl.col("u_firms").list.len()),
        )
        served = (today - pl.col("joined_on")).dt.total_days()
        turn = pl.col("joined_on") + pl.duration(
            days=(served * (0.25 + 0.7 * pl.col("later"))).cast(pl.Int64)
        )
        long = served > 120
        fate = pl.col("fate")
        bounds = np.cumsum([TRANSFERRED, RETAINED, LEFT, self.sizes.outside]).tolist()
        came_from = (pl.col("o_since") <= pl.col("joined_on")) & (pl.col("o_id") != pl.col("u_id"))
        return frame.with_columns(
            turn=turn,
            became=pl.when((fate < bounds[0]) & long & came_from)
            .then(pl.lit("transferred"))
            .when((fate >= bounds[0]) & (fate < bounds[1]) & long)
            .then(pl.lit("retained"))
            .when((fate >= bounds[1]) & (fate < bounds[2]) & long)
            .then(pl.lit("left"))
            .when((fate >= bounds[2]) & (fate < bounds[3]))
            .then(pl.lit("outside"))
            .otherwise(pl.lit("stayed")),
        )

    def _histories(self, frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Membership rows: what a person's periods look like, after what became of them."""
        here = {
            "organisation_id": pl.col("u_id"),
            "path": pl.col("u_path"),
            "second_path": pl.col("u_second"),
        }
        entry = pl.when(pl.col("luck") < 0.3).then(pl.lit("admission")).otherwise(pl.lit("intake"))
        stayed = frame.filter(pl.col("became") == "stayed")
        moved = stayed.join(self.former, on="place", how="left")
        was_there = pl.col("f_on").is_not_null() & (pl.col("joined_on") < pl.col("f_on"))
        was_there = was_there & (pl.col("joined_on") >= pl.col("f_since")) & (pl.col("later") < 0.7)
        moved = moved.with_columns(was_there=was_there.fill_null(value=False))
        yield _period(moved.filter(~pl.col("was_there")), here, pl.col("joined_on"), None, entry)
        merged = moved.filter("was_there")
        before = {
            "organisation_id": pl.col("f_id"),
            "path": pl.col("f_path"),
            "second_path": pl.col("f_second"),
        }
        yield _period(merged, before, pl.col("joined_on"), pl.col("f_on"), entry, "reorganisation")
        yield _period(merged, here, pl.col("f_on"), None, pl.lit("reorganisation"), follows=True)
        transferred = frame.filter(pl.col("became") == "transferred")
        before = {
            "organisation_id": pl.col("o_id"),
            "path": pl.col("o_path"),
            "second_path": pl.col("o_second"),
        }
        yield _period(transferred, before, pl.col("joined_on"), pl.col("turn"), entry, "transfer")
        yield _period(transferred, here, pl.col("turn"), None, pl.lit("transfer"), follows=True)
        retained = frame.filter(pl.col("became") == "retained")
        yield _period(retained, here, pl.col("joined_on"), pl.col("turn"), entry, "retention")
        yield _period(
            retained, here, pl.col("turn"), None, pl.lit("retention"), follows=True, standing="retained"
        )
        left = frame.filter(pl.col("became") == "left")
        exits = pl.lit(pl.Series(EXITS)).gather(pl.col("exit"))
        yield _period(left, here, pl.col("joined_on"), pl.col("turn"), entry, exits)

    def _employment(self, frame: pl.DataFrame) -> pl.DataFrame:
        retired = (pl.col("became") == "retained") & (pl.col("luck") < 0.7)
        return frame.select(
            person_id="id",
            employer_id=pl.col("u_firms").list.get("firm", null_on_oob=True),
            work_unit=pl.col("u_units").list.get("firm", null_on_oob=True).fill_null(""),
            occupation=pl.col("occupation").fill_null(""),
            status=pl.when(retired).then(pl.lit("4")).otherwise("status"),
            form="form",
            period=pl.format("[{},)", pl.col("joined_on")),
        )

    def _cards(self, frame: pl.DataFrame, first: int) -> pl.DataFrame:
        frame = frame.filter(pl.col("became") != "outside")
        left = pl.col("became") == "left"
        issued = pl.max_horizontal("joined_on", pl.lit(date(2019, 1, 1)))
        frame = frame.with_columns(issued_on=pl.when(left).then("joined_on").otherwise(issued))
        division = pl.col("u_division").str.slice(0, 6).cast(pl.Int64)
        body = division * 10**9 + pl.int_range(first, first + frame.height, dtype=pl.Int64)
        numbers = frame.select(body=body)["body"].to_numpy()
        return frame.select(
            person_id="id",
            number=_luhn(numbers),
            status=pl.when(left).then(pl.lit("revoked")).otherwise(pl.lit("active")),
            issued_on="issued_on",
            revoked_at=pl.when(left).then(pl.col("turn").cast(pl.Datetime("us", "UTC"))),
            paper_version=pl.lit(0),
            created_at=pl.lit(_now()),
        )


def _frame(unions: list[Union]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "place": list(range(len(unions))),
            "u_id": [union.id for union in unions],
            "u_path": [union.path for union in unions],
            "u_second": [union.second_path for union in unions],
            "u_since": [union.since for union in unions],
            "u_division": [union.division.ljust(6, "0") for union in unions],
            "u_platform": [union.platform for union in unions],
            "u_jobs": [
                list(union.employers[0].trade.occupations) if union.employers else [] for union in unions
            ],
            "u_firms": [[firm.id for firm in union.employers] for union in unions],
            "u_units": [[firm.name for firm in union.employers] for union in unions],
        },
        schema_overrides={
            "u_jobs": pl.List(pl.String),
            "u_firms": pl.List(pl.Int64),
            "u_units": pl.List(pl.String),
        },
    )


def _former(unions: list[Union], places: dict[int, int]) -> pl.DataFrame:
    """Unions that ended, beside the place of the one that took their members over (the first, where two did)."""
    found = [
        (places[union.successor[0].id], union.id, union.path, union.second_path, union.since, union.until)
        for union in unions
        if union.successor and union.successor[0].id in places
    ]
    names = {"place": pl.Int64, "f_id": pl.Int64, "f_path": pl.String, "f_second": pl.String}
    frame = pl.DataFrame(found, schema=names | {"f_since": pl.Date, "f_on": pl.Date}, orient="row")
    return frame.unique("place", keep="first", maintain_order=True)


def _spread(today: pl.Expr) -> pl.Expr:
    """Most of those who would have joined within the year joined earlier: unions grow by a few per cent a year."""
    grown = (pl.col("joined_on") - pl.col("birth")).dt.total_days() - 18 * 366
    earlier = pl.col("joined_on") - pl.duration(
        days=(grown * pl.col("later") * 0.7).cast(pl.Int64).clip(0, 5000)
    )
    recent = (today - pl.col("joined_on")).dt.total_days() < 500
    return pl.when(recent & (pl.col("luck") > 0.1)).then(earlier).otherwise("joined_on").cast(pl.Date)


def _pick(chance: str, count: pl.Expr) -> pl.Expr:
    """A place in a list of `count`, by chance."""
    return (pl.col(chance) * count.cast(pl.Float64)).cast(pl.Int64)


def _padded(numbers: Ints) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(8)


def _now() -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0)  # noqa: UP017


def _numbers(frame: pl.DataFrame, first: int) -> pl.DataFrame:
    """Member numbers, as `members.numbers` gives them: four digits of the division and a sequence."""
    number = pl.col("u_division").str.slice(0, 4) + (
        pl.int_range(first, first + frame.height, dtype=pl.Int64).cast(pl.String).str.zfill(8)
    )
    return frame.with_columns(member_number=pl.when(pl.col("became") != "outside").then(number))


def _read(frame: pl.DataFrame) -> pl.DataFrame:
    """Each name with its initials and its reading; every name is read once."""
    names = frame["name"].unique(maintain_order=True)
    read = pl.DataFrame({"name": names, "initials": initials_many(names), "sort_key": sort_keys(names)})
    return frame.join(read, on="name", how="left", maintain_order="left")


def _persons(frame: pl.DataFrame) -> pl.DataFrame:
    keys = ring()
    identities = [f"{RESIDENT}:{number}" for number in frame["id_number"]]
    now = pl.lit(_now())
    return frame.select(
        "id", "name", "initials", "sort_key", "sex", "birth",
        bytes_column("id_number", keys.seal_many(frame["id_number"].to_list())),
        bytes_column("id_index", keys.index_many(IDENTITY, identities)),
        bytes_column("phone", keys.seal_many(frame["phone"].to_list())),
        bytes_column("phone_index", keys.index_many(PHONE, frame["phone"].to_list())),
        id_type=pl.lit(RESIDENT),
        ethnicity="ethnicity", education="education", political="political", skill="skill",
        native_place=pl.lit(""), household_type="household_type", household_place=pl.lit(""),
        migrant_worker="migrant_worker", member_number="member_number", created_at=now, updated_at=now,
    )  # fmt: skip


def _period(
    frame: pl.DataFrame,
    place: dict[str, pl.Expr],
    start: pl.Expr,
    end: pl.Expr | None,
    entry: pl.Expr,
    exit_: pl.Expr | str = "",
    *,
    standing: str = "active",
    follows: bool = False,
) -> pl.DataFrame:
    """Membership rows of one kind; who `follows` stood elsewhere, or otherwise, until the day on which this begins."""
    until = pl.lit("") if end is None else end.cast(pl.String)
    return frame.select(
        person_id="id",
        **place,
        name="name",
        initials="initials",
        period=pl.format("[{},{})", start, until),
        follows=start if follows else pl.lit(None, pl.Date),
        standing=pl.lit(standing),
        joined_on="joined_on",
        entry=entry,
        exit=pl.lit(exit_) if isinstance(exit_, str) else exit_,
        exit_reason=pl.lit(""),
    )


def _identified(model: type, frame: pl.DataFrame) -> pl.DataFrame:
    if frame.is_empty():
        return frame
    first = reserve(model, frame.height)
    return frame.with_columns(id=pl.int_range(first, first + frame.height, dtype=pl.Int64))


def _luhn(bodies: Ints) -> pl.Series:
    """Sixteen digits with the check digit of ISO/IEC 7812-1, a column at a time (see members.numbers.luhn_digit)."""
    total = np.zeros(len(bodies), np.int64)
    for place in range(15):
        digit = bodies // 10**place % 10
        total += digit * 2 // 10 + digit * 2 % 10 if place % 2 == 0 else digit
    return pl.Series(bodies * 10 + -total % 10).cast(pl.String)


def analyse() -> None:
    """Let the planner know the new tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
