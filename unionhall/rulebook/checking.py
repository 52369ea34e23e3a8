"""`unionhall schemes check`: every mistake of every file, examples run, and used versions unchanged."""

from collections.abc import Collection
from datetime import date
from pathlib import Path

from django.db.models import Max
from django.utils import timezone

from . import published
from .book import Book
from .examples import read_examples
from .models import Decision, SchemeUse
from .versions import Mistake


def check_files(folder: Path) -> tuple[Book, list[Mistake], int]:
    """The book, its mistakes (those of examples too) and how many examples ran."""
    book = Book(folder)
    mistakes = book.all_mistakes()
    ran = 0
    for example in read_examples(folder, mistakes):
        ran += 1
        if (wrong := example.mistake(book)) is not None:
            mistakes.append(wrong)
    return book, mistakes, ran


def with_published(book: Book) -> tuple[Book, list[Mistake]]:
    """The book with what was published on the desk, and the mistakes that only both together have."""
    found = published.readings()
    if not found:
        return book, []
    whole, known = book.beside(found), {str(mistake) for mistake in book.all_mistakes()}
    return whole, [mistake for mistake in whole.all_mistakes() if str(mistake) not in known]


def check_used(book: Book) -> list[Mistake]:
    """Versions that decisions rest on and that were altered: they must be restored, and a new version added."""
    found = []
    uses = {
        (use.programme, use.jurisdiction, use.starts): use
        for use in SchemeUse.objects.order_by("first_used_at")
    }
    digests = set(SchemeUse.objects.values_list("digest", flat=True))
    every = [version for versions in book.versions.values() for version in versions]
    decided = _last_decided({version.digest for version in every if version.until is not None})
    for version in every:
        use = uses.get((version.programme, version.jurisdiction, version.starts))
        if use is not None and version.digest not in digests:
            found.append(
                Mistake(
                    version.place,
                    f"{version.starts} 起的版本已在 {use.first_used_at:%Y-%m-%d} 用于办件，不能改动。"
                    "请恢复原文，另加一个新的 [[version]]。",
                )
            )
        elif use is not None and version.until is not None:
            # What rests on no decision was used for the day itself.
            last = decided.get(version.digest) or timezone.localdate(use.first_used_at)
            if version.until <= last:
                words = f"until 早于使用这个版本的日期 {last}，已用过的版本不能提前失效。"
                found.append(Mistake(version.place, words))
    return found


def _last_decided(digests: Collection[str]) -> dict[str, date]:
    """The latest day that decisions under each of these versions are about; they may be made long after it."""
    rows = Decision.objects.everywhere(reason="on which days versions were decided by; no decision is shown")
    found = rows.filter(version_id__in=digests).order_by().values_list("version_id").annotate(last=Max("on"))
    return dict(found)
