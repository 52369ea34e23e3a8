"""inbox, clocks, search: a list over many cases, every open clock after a holiday, words in their texts; in SQL.

Half of the cases are open, each with a limit in working days and one in days (some overdue, one in fifty paused);
every case has a text of some hundred characters. The eyes are those of the province, a city, a county, a street and a
workplace. A figure is the 95th percentile over eyes and filters of all that the page asks: scope, counts and rows. The
baseline of `clocks`, for which all cases are opened, is one UPDATE of just the clocks that changed and one of just the
cases whose first day due went with them, back to what they were (`clocks_alone`: the ratio to the first alone); that of
the others is one row by its primary key.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from .figure import p95, sql_time, tell, timed
from .home import opened, seeded

WHY = "the bench's own rows"
BODIES = 20_000
#: What texts are made of, a line each: where, who, what was done, what is wished for, and what hardly anybody writes.
_PARTS = """
仓库 车间 工地 食堂 宿舍 门店 码头 站点 生产线 办公室 配送站 分拣中心 停车场 项目部 实验室 调度室
组长 班长 经理 老板 人事 会计 站长 项目经理 包工头 主任 工会主席 派遣公司
拖欠三个月工资 加班不给加班费 没有交社会保险 不签劳动合同 受伤后不申报工伤 克扣奖金 强制调休 怀孕被辞退 高温没有津贴
希望工会帮助协商 请依法处理 要求补发 想知道怎样仲裁 请派人看看 希望保密 要求赔偿 请回电说明
甲苯 氯气 塌方 电梯 叉车 粉尘 冲床 脚手架 吊篮 锅炉 盾构 注塑机
"""
_WHERE, _WHO, _WHAT, _WISH, _RARE = (line.split() for line in _PARTS.split("\n")[1:6])
_SOUGHT = (
    "工资", "加班", "拖欠三个月工资", "脚手架", "甲苯", "怀孕被辞退", "叉车", "希望保密", "高温 配送站", "不存在的词",
    "锅炉 辞退",
)  # fmt: skip
_CASES = """
INSERT INTO {cases} (number, kind, state, grade, title, channel, organisation_id, path, second_path, division,
    filed_by, is_anonymous, cause, headcount, owner_id, owner_because, opened_at, closed_at, scheme_id, query_code)
SELECT 'B' || lpad(n::text, 12, '0'),
    (ARRAY['appeal', 'appeal', 'appeal', 'dispute', 'legal_aid', 'task'])[1 + n / 2 %% 6],
    CASE WHEN n %% 2 = 0 THEN 'handling' ELSE 'closed' END, '', '诉求' || n, (n %% 6)::text,
    u.id, u.path, u.second_path, u.division, '',
    false, 'wage', 1, (%s::bigint[])[1 + (n * 31) %% 200], '', now() - (n %% 20000) * interval '1 hour',
    CASE WHEN n %% 2 = 0 THEN NULL ELSE now() END, %s, ''
FROM generate_series(1, %s) AS g(n) JOIN unions u ON u.place = 1 + abs(hashint8(n)::bigint) %% %s
"""
_CLOCKS = """
INSERT INTO {clocks} (case_id, code, label, unit, amount, article, state, started_at, due_at, pause_reason, paused_days,
    paused_seconds)
SELECT id, k.code, k.code, k.unit, k.amount, '', CASE WHEN id %% 50 < 2 THEN 'paused' ELSE 'running' END,
    now() - (id %% 700) * interval '1 hour', now(), '', 0, 0
FROM {cases} c CROSS JOIN (VALUES ('answer', 'working_days', 15), ('close', 'days', 60)) AS k(code, unit, amount)
WHERE closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM {clocks} o WHERE o.case_id = c.id)
"""
_REOPENED = "UPDATE {cases} SET closed_at = NULL, state = 'handling' WHERE closed_at IS NOT NULL"
_TEXTS = """
INSERT INTO {texts} (case_id, role, body, words, actor_name, shown, at)
SELECT c.id, 'statement', b.body, b.words, '', true, c.opened_at FROM {cases} c
JOIN bodies b ON b.n = (c.id * 7919) %% %s
"""
_BACK = "UPDATE {table} c SET due_at = b.due_at FROM {before} b WHERE b.id = c.id"


@dataclass
class Eyes:
    """Somebody whose grant reaches one subtree."""

    label: str
    path: str
    account_id: int | None

    def prefixes(self, permission: str) -> tuple[str, ...]:
        return (self.path,)


def measure(home: Path | str, items: int, wanted: set[str]) -> None:
    """In an empty home: unions, so many cases, then the figures that are asked for."""
    seeded(home, 20_000)
    with opened(home):
        _fill(items)
        found = list(_eyes())
        if "inbox" in wanted:
            _inbox(found, items)
        if "search" in wanted:
            _search(found, items)
        if "clocks" in wanted:
            _clocks(items)


def _names() -> dict[str, str]:
    from unionhall.cases.models import Case, CaseClock, CaseText

    return {
        "cases": Case._meta.db_table,
        "clocks": CaseClock._meta.db_table,
        "texts": CaseText._meta.db_table,
    }


def _fill(items: int) -> None:
    """Cases over the local and grassroots unions, clocks and texts, by statements; statistics afterwards."""
    from django.db import connection
    from django.utils import timezone

    from unionhall import rulebook
    from unionhall.access.models import Account
    from unionhall.cases.schemes.appeals import AppealScheme
    from unionhall.cases.search import words_of
    from unionhall.rulebook.actions import record_use

    version = rulebook.scheme(AppealScheme, on=timezone.localdate())
    record_use(version)
    made = Account.objects.bulk_create(
        Account(username=f"bench-{n}", display_name=f"bench {n}") for n in range(200)
    )
    luck, names = random.Random(7), _names()  # noqa: S311
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bodies (n int PRIMARY KEY, body text, words varchar(2)[])")
        with cursor.copy("COPY bodies FROM STDIN") as rows:
            for number in range(BODIES):
                body = _body(luck)
                rows.write_row((number, body, words_of(body)))
        cursor.execute(
            "CREATE TEMP TABLE unions AS SELECT row_number() OVER (ORDER BY path) AS place, id, path, second_path,"
            " division FROM organisations_organisation WHERE kind IN ('federation', 'street', 'grassroots', 'joint')"
        )
        cursor.execute("SELECT count(*) FROM unions")
        unions = cursor.fetchone()[0]
        cursor.execute(_CASES.format(**names), [[one.pk for one in made], version.digest, items, unions])
        cursor.execute(_CLOCKS.format(**names).replace("%%", "%"))
        cursor.execute(_TEXTS.format(**names), [BODIES])
    _recompute({})
    with connection.cursor() as cursor:
        for table in names.values():
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _body(luck: random.Random) -> str:
    parts = [
        f"我在{luck.choice(_WHERE)}上班，{luck.choice(_WHO)}{luck.choice(_WHAT)}，已经{luck.randrange(2, 18)}个月。"
        for _ in range(luck.randrange(2, 5))
    ]
    if luck.random() < 0.01:
        parts.append(f"事情发生在{luck.choice(_RARE)}旁边。")
    return "".join(parts) + luck.choice(_WISH) + "。"


def _recompute(holidays: dict[Any, bool], since: Any = None) -> int:
    from unionhall.cases import clocks
    from unionhall.kit.workdays import Calendar

    return clocks.recompute(Calendar(holidays), since=since)


def _eyes() -> Iterator[Eyes]:
    from unionhall.cases.models import Case
    from unionhall.organisations.models import Organisation

    held = Case.objects.everywhere(reason=WHY).open().exclude(owner=None).first()
    for level, label in ((1, "province"), (2, "city"), (3, "county"), (4, "street"), (5, "workplace")):
        rows = Organisation.objects.everywhere(reason=WHY).filter(level=level).order_by("path")
        for one in list(rows[:: max(1, rows.count() // 4)])[:4]:
            yield Eyes(label, one.path, held.owner_id if held is not None else None)


def _baseline() -> float:
    from unionhall.cases.models import Case

    rows = Case.objects.everywhere(reason=WHY)
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:: max(1, rows.count() // 50)][:50])
    found = []
    for key in keys:
        with sql_time() as clock:
            rows.get(pk=key)
        found.append(clock.ms)
    return statistics.median(found)


def _page(eyes: Eyes, wanted: Any, *, counted: bool) -> float:
    """Milliseconds of all that a page of the list asks."""
    from django.utils import timezone

    from unionhall.cases import inbox
    from unionhall.kit.workdays import Calendar

    bounds = inbox.Bounds.at(timezone.now(), Calendar())
    with sql_time() as clock:
        reach = inbox.reach_of(eyes, wanted.state)
        seen = inbox.visible(eyes, reach, mine=wanted.owner == "mine")
        rows, frequent = inbox.matching(seen, wanted, eyes.account_id)
        if counted:
            inbox.counts(
                rows if frequent else inbox.countable(rows, reach, wanted),
                wanted,
                bounds,
                inbox.MOST_WITH_WORDS if frequent else inbox.MOST_COUNTED,
            )
        shown = inbox.in_state(rows, wanted.state)
        if wanted.state == inbox.DUE:
            shown = shown.filter(bounds.light(wanted.light))
        inbox.page(
            shown.select_related("organisation", "owner"),
            by_due=wanted.state == inbox.DUE,
            paused=wanted.state == inbox.PAUSED,
            unions=reach.unions,
            walked=reach.trade,
            each=inbox.by_union(wanted),
        )
    return clock.ms


def _inbox(eyes: list[Eyes], items: int) -> None:
    from unionhall.cases.inbox import CLOSED, PAUSED, Wanted

    asked = {
        "plain": Wanted(), "kind": Wanted(kind="dispute"), "mine": Wanted(owner="mine"), "none": Wanted(owner="none"),
        "late": Wanted(light="red"), "soon": Wanted(light="amber"), "channel": Wanted(channel="2"),
        "closed": Wanted(state=CLOSED),
        "paused": Wanted(state=PAUSED),
    }  # fmt: skip
    base = _baseline()
    for figure, counted in (("inbox.page", False), ("inbox.with_counts", True)):
        found: dict[str, list[tuple[float, str]]] = {name: [] for name in asked}
        for name, wanted in asked.items():
            for one in eyes:
                _page(one, wanted, counted=counted)
                ms = min(_page(one, wanted, counted=counted) for _ in range(2))
                found[name].append((ms, f"{name} {one.label}"))
        worst, slowest = max(one for rows in found.values() for one in rows)
        by_filter = {name: round(p95([ms for ms, _ in rows]), 1) for name, rows in found.items()}
        every = [ms for rows in found.values() for ms, _ in rows]
        tell(
            figure, p95(every), "ms", base, items=items, slowest=slowest, worst=round(worst, 1), by=by_filter
        )


def _search(eyes: list[Eyes], items: int) -> None:
    from unionhall.cases.inbox import CLOSED, DUE, Wanted

    base, found, slow = _baseline(), [], ("", 0.0)
    for text in _SOUGHT:
        for state in (DUE, CLOSED):
            for one in eyes:
                wanted = Wanted(words=text, state=state)
                _page(one, wanted, counted=False)
                ms = min(_page(one, wanted, counted=False) for _ in range(2))
                found.append(ms)
                slow = max(slow, (f"{text} {state} {one.label}", ms), key=lambda pair: pair[1])
    tell("case_search.page", p95(found), "ms", base, items=items, slowest=slow[0], worst=round(slow[1], 1))


def _clocks(items: int) -> None:
    """Every case is open, and a holiday falls into each clock's time: all of them move. Beside it one UPDATE each of
    just those clocks and those cases."""
    from django.db import connection
    from django.utils import timezone

    today, names = timezone.localdate(), _names()
    with connection.cursor() as cursor:
        cursor.execute(_REOPENED.format(**names))
        cursor.execute(_CLOCKS.format(**names).replace("%%", "%"))
    _recompute({})
    with connection.cursor() as cursor:
        for table in ("cases", "clocks"):
            cursor.execute(f"VACUUM (ANALYZE) {names[table]}")
    # The next week, and every day on which a limit of sixty days ends.
    days = [today + timedelta(days=n) for n in [*range(1, 7), *range(42, 63)]]
    with connection.cursor() as cursor:
        for table in ("cases", "clocks"):
            cursor.execute(f"CREATE TEMP TABLE before_{table} AS SELECT id, due_at FROM {names[table]}")  # noqa: S608
    seconds, changed = timed(lambda: _recompute(dict.fromkeys(days, False)))
    with connection.cursor() as cursor:
        updated = {}
        for table in ("clocks", "cases"):
            cursor.execute(
                f"DELETE FROM before_{table} b USING {names[table]} c"  # noqa: S608
                " WHERE c.id = b.id AND c.due_at IS NOT DISTINCT FROM b.due_at"
            )
            cursor.execute(f"ANALYZE before_{table}")
            cursor.execute(f"VACUUM (ANALYZE) {names[table]}")
        for table in ("clocks", "cases"):
            once = _BACK.format(table=names[table], before=f"before_{table}")
            spent, _ = timed(partial(cursor.execute, once))
            updated[table] = (cursor.rowcount, spent)
    (rows, clocks), (moved, cases) = updated["clocks"], updated["cases"]
    assert rows == changed, (rows, changed)
    tell(
        "clocks.recompute",
        changed / seconds,
        "rows/s",
        changed / (clocks + cases),
        items=items,
        changed=changed,
        cases=moved,
        seconds=round(seconds, 1),
        clocks_alone=round(clocks / seconds, 3),
    )
