"""Small cells: which numbers of a table may not be shown, so that none of them can be had by subtraction.

Pure: no database, no words. A number is small when it lies between nought and the threshold; nought is no secret.
"""

from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def is_small(count: int, limit: int) -> bool:
    return 0 < count < limit


def withheld(
    counts: Mapping[Key, int],
    limit: int,
    *,
    total: int | None = None,
    total_hidden: bool = False,
    loose: bool = False,
    already: Collection[Key] = (),
    last: Collection[Key] = (),
) -> set[Key]:
    """Keys of the cells that may not be shown.

    Without `total` only small cells. With the total that the cells (and what stands in none of them) add up to, so
    many more, smallest first, that the total minus what is shown does not give a cell away: at least two are left
    unknown, and together they are not small either. Where the total itself is hidden, one unknown cell is enough to
    keep the cells from adding up to it. `loose`: others are counted in the total whose number no reader knows, even
    where it is nought. `already` are hidden for other reasons; `last` are taken last.
    """
    hidden = {key for key, count in counts.items() if is_small(count, limit)} | set(already) & counts.keys()
    if total is None:
        return hidden
    rest = abs(total - sum(counts.values()))  # counted in the total, shown in no cell
    # Noughts come after the others: hiding one protects less. Those to be spared come last of all.
    order = sorted(
        (key for key in counts if key not in hidden),
        key=lambda key: (key in last, counts[key] == 0, counts[key], str(key)),
    )
    for key in order:
        if _is_safe([counts[one] for one in hidden], rest, limit, total_hidden, loose):
            break
        hidden.add(key)
    return hidden


def _is_safe(unknown: list[int], rest: int, limit: int, total_hidden: bool, loose: bool) -> bool:
    loose = loose or rest > 0
    if total_hidden:
        return bool(unknown) or loose
    if not unknown and not is_small(rest, limit):
        return True
    everything = [*unknown, rest] if loose else unknown
    return len(everything) >= 2 and sum(everything) >= limit


def withheld_figures(totals: Mapping[str, int], whole: str, limit: int) -> set[str]:
    """Codes of a union's own figures that may not be shown: small ones, and those whose remainder is small.

    Every figure is a part of `whole`: 22 members of whom 20 are women tell of two men.
    """
    count = totals[whole]
    if is_small(count, limit):
        return set(totals)
    return {
        code
        for code, part in totals.items()
        if code != whole and (is_small(part, limit) or is_small(count - part, limit))
    }


def withheld_rows(
    totals: Mapping[str, int],
    rows: Mapping[Key, Mapping[str, int]],
    whole: str,
    limit: int,
    hidden: Collection[str] = (),
) -> dict[Key, set[str]]:
    """For each row of a table of the unions below: codes that may not be shown. `hidden`: totals not shown.

    Column by column, so that every column with a hidden cell has at least two unknowns; a row whose whole is hidden
    is hidden altogether. What a part leaves of the whole is guarded like the part itself.
    """
    found = {key: withheld_figures(row, whole, limit) for key, row in rows.items()}
    for code in [whole, *(one for one in totals if one != whole)]:
        already = [key for key, codes in found.items() if code in codes or whole in codes]
        gone = _column(totals, rows, code, whole, limit, hidden, already)
        for key in gone:
            found[key] |= set(totals) if code == whole else {code}
    return found


def _column(
    totals: Mapping[str, int],
    rows: Mapping[Key, Mapping[str, int]],
    code: str,
    whole: str,
    limit: int,
    hidden: Collection[str],
    already: Collection[Key],
) -> set[Key]:
    """Hidden keys of one column, until both the parts and their remainders are safe."""
    gone = set(already)
    loose = totals[whole] != sum(row[whole] for row in rows.values())
    while True:
        before = len(gone)
        gone = withheld(
            {key: row[code] for key, row in rows.items()},
            limit,
            total=totals[code],
            total_hidden=code in hidden,
            loose=loose,
            already=gone,
        )
        if code != whole:
            remainders = {key: row[whole] - row[code] for key, row in rows.items()}
            gone = withheld(
                remainders,
                limit,
                total=totals[whole] - totals[code],
                total_hidden=code in hidden or whole in hidden,
                loose=loose,
                already=gone,
            )
        if len(gone) == before:
            return gone


def rounded(count: int, limit: int) -> int:
    """To the nearest multiple of the threshold: enough to compare, too coarse to subtract."""
    return (count + limit // 2) // limit * limit


def coarse_sum(amount: int, count: int, limit: int) -> int | None:
    """What money would come to if its rounded number of records were the true one, to two digits; None of few.

    So one sum less another tells of a single record no more than their rounded numbers do.
    """
    if is_small(count, limit):
        return None
    if count == 0:
        return 0
    likely = amount * rounded(count, limit) // count
    step: int = 10 ** max(len(str(likely)) - 2, 0)
    return (likely + step // 2) // step * step
