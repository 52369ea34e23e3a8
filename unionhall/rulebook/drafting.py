"""A draft looked at: its one version, its mistakes with their lines, and what it would change in the book.

And what was published from one: which other versions rest on it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.organisations.local import LOCAL
from unionhall.organisations.models import Organisation, OrganisationQuerySet

from . import published
from .book import Book, files, fresh
from .examples import read_examples
from .models import PublishedVersion, SchemeDraft
from .reading import read_text
from .texts import area_of
from .versions import Mistake, Place, Version

#: An industry's union or an employer's stands in an area whose other members are not its own.
NOT_LOCAL = "只有地方总工会和乡镇（街道）工会为所在地区发布方案，请由当地工会起草和发布。"


@dataclass(frozen=True)
class Checked:
    """What checking a draft gives. `version` is None while the text has mistakes; `current` is what it would follow."""

    version: Version[Any] | None
    current: Version[Any] | None
    book: Book
    mistakes: list[Mistake]
    notes: list[str]


def place(draft: SchemeDraft) -> Path:
    return Path(f"{draft.programme}.toml")


def issuers(access: Access) -> OrganisationQuerySet:
    """The unions in whose name somebody drafts: those he stands for himself that answer for a place."""
    rows = Organisation.objects.all().visible_to(access, to="rulebook.draft")
    return rows.filter(path__in=access.prefixes("rulebook.draft"), kind__in=LOCAL).order_by("path")


def check(draft: SchemeDraft) -> Checked:
    """The same mistakes as `schemes check` finds, and what only a draft can get wrong."""
    shown, before = place(draft), fresh()
    reading = read_text(draft.programme, draft.text, shown)
    held = {str(mistake) for mistake in before.mistakes.get(draft.programme, [])}
    book = before.beside([reading])
    mistakes = [one for one in book.mistakes.get(draft.programme, []) if str(one) not in held]
    own = [one for one in book.versions.get(draft.programme, []) if one.place.path == shown]
    mistakes += _misplaced(draft, own, shown)
    if mistakes or not own:
        return Checked(None, None, before, mistakes, [])
    version = own[0]
    current = before.pick(draft.programme, version.starts, version.jurisdiction)
    return Checked(version, current, book, [], _changed_examples(draft, before, book))


def _misplaced(draft: SchemeDraft, own: list[Version[Any]], shown: Path) -> list[Mistake]:
    """One version, of a union that answers for a place, for its own area, from a day still to come."""
    if draft.organisation.kind not in LOCAL:
        return [Mistake(Place(shown, 1), NOT_LOCAL)]
    if len({one.place.line for one in own}) > 1:
        return [Mistake(own[-1].place, "一份草稿只写一个 [[version]]，其余请分别起草。")]
    found = []
    area = area_of(draft.organisation.division)
    for one in own[:1]:
        if not one.jurisdiction.startswith(area):
            words = f"jurisdiction 应为本级工会的地区 {area} 或其下级，现在是“{one.jurisdiction or '全国'}”。"
            found.append(Mistake(one.place, words))
        if one.starts <= timezone.localdate():
            found.append(
                Mistake(one.place, "from（生效日期）最早为明天：已作出的决定不受影响，新方案不溯及以往。")
            )
    return found


def _changed_examples(draft: SchemeDraft, before: Book, after: Book) -> list[str]:
    """Worked examples that would no longer come out as written: meant or not, the author should know."""
    found = []
    for example in read_examples(Path(settings.SCHEMES_DIR), []):
        if example.programme == draft.programme and example.mistake(before) is None:
            changed = example.mistake(after)
            if changed is not None:
                found.append(changed.text)
    return found


def resting_on(held: PublishedVersion) -> list[str]:
    """Versions, in words, that would be mistaken without a published one, or no longer read as they were written on it.

    An heir published before it only becomes again what it was. Asked under the lock of those who publish.
    """
    code, own = held.programme, published.place(held)
    before = fresh()
    after = files().beside(one for one in published.readings() if one.path != own)
    rows = PublishedVersion.objects.filter(programme=code, withdrawn_at=None, pk__gt=held.pk)
    later = {published.place(one) for one in rows.filter(starts__gte=held.starts)}
    left = {(one.place, one.digest) for one in after.versions.get(code, ())}
    found = [
        _named(one)
        for one in before.versions.get(code, ())
        if one.place.path in later and (one.place, one.digest) not in left
    ]
    known = {str(mistake) for mistake in before.mistakes.get(code, ())}
    new = [mistake for mistake in after.mistakes.get(code, ()) if str(mistake) not in known]
    return list(dict.fromkeys([*found, *(_mistaken(mistake, before.versions[code]) for mistake in new)]))


def _mistaken(mistake: Mistake, versions: list[Version[Any]]) -> str:
    """The version in whose lines a mistake stands, in words."""
    place = mistake.place
    above = [one for one in versions if one.place.path == place.path and one.place.line <= place.line]
    return _named(max(above, key=lambda one: one.place.line)) if above else str(mistake)


def _named(version: Version[Any]) -> str:
    return f"{version.issuer}的{version}"
