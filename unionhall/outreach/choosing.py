"""From what a cadre types to firms, families and unions: a line each, all mistakes told at once."""

from collections.abc import Sequence

from django.db.models import Q

from unionhall.foundation.actors import Actor
from unionhall.foundation.scope import Access
from unionhall.members.finding import find, looks_like_number, read_number
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal

PERMISSION = "outreach.visit"
MOST_LINES = 200


class Mistyped(ValueError):
    """Lines that name nobody, or more than one; each sentence says what to do."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = list(sentences)
        super().__init__("\n".join(self.sentences))


def lines_of(text: str) -> list[str]:
    """Each line once, in order."""
    found = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(found) > MOST_LINES:
        raise Mistyped([f"一次最多填 {MOST_LINES} 行。"])
    return found


def firms(text: str) -> list[Employer]:
    """A name or credit code per line; part of a name will do when only one firm has it. One query for exact ones."""
    wanted = lines_of(text)
    if not wanted:
        return []
    rows = Employer.objects.filter(Q(name__in=wanted) | Q(uscc__in=[line.upper() for line in wanted]))
    known: dict[str, list[Employer]] = {}
    for one in rows:
        for key in {one.name, one.uscc or one.name}:
            known.setdefault(key, []).append(one)
    found, wrong = [], []
    for line in wanted:
        fits = known.get(line) or known.get(line.upper())
        if fits is None:
            fits = (
                list(Employer.objects.filter(name__contains=line).order_by("name")[:3])
                if len(line) > 1
                else []
            )
        if len(fits) == 1:
            found.append(fits[0])
        elif not fits:
            wrong.append(f"“{line}”：没有登记过这个单位，请核对名称或先登记用人单位。")
        else:
            names = "、".join(one.name for one in fits)
            wrong.append(f"“{line}”：有几个单位叫这个名称（{names}），请填统一社会信用代码。")
    if wrong:
        raise Mistyped(wrong)
    return list(dict.fromkeys(found))


def numbers_in(text: str) -> list[str]:
    """Those of the lines that `people` looks up as numbers: whoever calls it has them counted first."""
    try:
        return list(filter(looks_like_number, lines_of(text)))
    except Mistyped:
        return []


def people(actor: Actor, text: str) -> list[Person]:
    """A name, member number, phone or document per line, among the members that the actor visits.

    Numbers that were looked up stand in the journal, hit or miss, once for all lines.
    """
    found, wrong, hits = [], [], 0
    for line in lines_of(text):
        is_number = looks_like_number(line)
        fits = _fits(actor.access, line)
        hits += is_number and bool(fits)
        shown = f"{line[:3]}…" if is_number else line
        if len(fits) == 1:
            found.append(fits[0])
        elif not fits:
            wrong.append(f"“{shown}”：您联系的范围里没有这位会员，请核对姓名或会员号。")
        else:
            wrong.append(f"“{shown}”：有同名的会员，请填会员号。")
    if numbers := numbers_in(text):
        journal(actor, "members.find", detail={"numbers": len(numbers), "found": hits, "at": "outreach"})
    if wrong:
        raise Mistyped(wrong)
    return list(dict.fromkeys(found))


def _fits(access: Access, line: str) -> list[Person]:
    """Whom a line may mean, two at most."""
    if not looks_like_number(line):
        rows = find(access, {"q": line}, to=PERMISSION).filter(name=line)
    elif number := read_number(line):
        rows = find(access, {"found": number}, to=PERMISSION)
    else:
        return []
    return [one.person for one in rows.select_related("person")[:2]]


def unions(access: Access, text: str) -> list[Organisation]:
    """A code or name per line, among the unions that the reader sees."""
    wanted = lines_of(text)
    if not wanted:
        return []
    rows = Organisation.objects.visible_to(access, to="outreach.view").active()
    known = list(rows.filter(Q(code__in=wanted) | Q(name__in=wanted)))
    found, wrong = [], []
    for line in wanted:
        fits = [one for one in known if line in (one.code, one.name)]
        if len(fits) == 1:
            found.append(fits[0])
        else:
            wrong.append(f"“{line}”：没有找到这个工会，请填组织代码或全称。")
    if wrong:
        raise Mistyped(wrong)
    return list(dict.fromkeys(found))
