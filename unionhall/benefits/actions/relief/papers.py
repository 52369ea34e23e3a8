"""Papers of a file: taken over from the application's draft, added while it is under way, opened with a trace."""

from collections.abc import Iterable

from django.db import transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records import attachments, drafts
from unionhall.records.models import Attachment
from unionhall.records.uploads import Upload

from ...models import HardshipFile, HardshipPaper
from ...schemes.relief import HardshipScheme
from .holding import lock, note, scheme_of

__all__ = ["OTHER", "add_paper", "kinds_of", "take_over"]

#: What the files are kept as; only the file's own pages hand them out.
PURPOSE = "benefits.relief_paper"
MOST = 20
OTHER = ("other", "其他材料")


def kinds_of(scheme: HardshipScheme) -> list[tuple[str, str]]:
    """(code, label) of the papers that a scheme names, and of whatever else there is."""
    return [*((one.code, one.label) for one in scheme.papers), OTHER]


def _label(file: HardshipFile, code: str) -> str:
    found = dict(kinds_of(scheme_of(file).parameters)).get(code)
    if found is None:
        raise Refused("请选择是哪一种材料。", "code")
    return found


@transaction.atomic
def add_paper(actor: Actor, *, file: HardshipFile, code: str, upload: Upload) -> HardshipPaper:
    """Keep a checked upload with a file that is being decided: the worker his own, or who handles it.

    Raises Refused when it is decided already, beyond `MOST`, and for a kind that the scheme does not know.
    """
    fresh = lock(file)
    if not actor.speaks_for(fresh.person_id, fresh.person.account_id):
        actor.require("benefits.relief_handle", *fresh.organisation.paths)
    if not fresh.is_under_way:
        raise Refused("申请已经办结，不能再补材料。有新的情况，请联系工会。")
    rows = HardshipPaper.objects.everywhere(reason="how many papers the file has already")
    if rows.filter(file=fresh).count() >= MOST:
        raise Refused(f"最多 {MOST} 个材料，请到工会窗口交。", "file")
    label = _label(fresh, code)
    kept = attachments.store(
        actor, upload.content, name=upload.name, content_type=upload.content_type, purpose=PURPOSE,
        paths=fresh.organisation.paths, size=upload.size,
    )  # fmt: skip
    return _add(actor, fresh, kept, code, label)


def take_over(actor: Actor, file: HardshipFile, papers: Iterable[tuple[Attachment, str]]) -> None:
    """Papers of the draft become the file's, in the transaction that hands the application in."""
    known = dict(kinds_of(scheme_of(file).parameters))
    for attachment, code in papers:
        kind = code if code in known else OTHER[0]
        kept = drafts.adopt(attachment, purpose=PURPOSE, paths=file.organisation.paths)
        _add(actor, file, kept, kind, known[kind])


def _add(actor: Actor, file: HardshipFile, kept: Attachment, code: str, label: str) -> HardshipPaper:
    made = HardshipPaper.objects.create(
        file=file, code=code, label=label, attachment=kept, added_by=actor.name[:80]
    )
    note(actor, file, "paper_added", f"上传材料：{label}", code=code)
    return made
