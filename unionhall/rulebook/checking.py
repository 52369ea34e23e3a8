"""`unionhall schemes check`: every mistake of every file, examples run, and used versions unchanged."""

from pathlib import Path

from . import published
from .book import Book
from .examples import read_examples
from .models import SchemeUse
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
    for version in (version for versions in book.versions.values() for version in versions):
        use = uses.get((version.programme, version.jurisdiction, version.starts))
        if use is not None and version.digest not in digests:
            found.append(
                Mistake(
                    version.place,
                    f"{version.starts} 起的版本已在 {use.first_used_at:%Y-%m-%d} 用于办件，不能改动。"
                    "请恢复原文，另加一个新的 [[version]]。",
                )
            )
        elif use is not None and version.ends is not None and version.ends <= use.first_used_at.date():
            found.append(
                Mistake(
                    version.place,
                    f"until 早于首次使用日期 {use.first_used_at:%Y-%m-%d}，已用过的版本不能提前失效。",
                )
            )
    return found
