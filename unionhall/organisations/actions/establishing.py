"""A union comes into being."""

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.records.actions import journal

from .. import codes, paths, tree
from ..kinds import Chain, Form, Kind
from ..models import Naming, Organisation, Placement
from . import checks


@transaction.atomic
def establish(
    actor: Actor,
    *,
    name: str,
    kind: str,
    level: int,
    parent: Organisation | None,
    division: str,
    on: date,
    code: str | None = None,
    industry_parent: Organisation | None = None,
    uscc: str | None = None,
    short_name: str = "",
    form: str = Form.COMMITTEE,
    address: str = "",
    telephone: str = "",
    legal_certificate: str = "",
    legal_certificate_until: date | None = None,
    accepts_individuals: bool | None = None,
    document: str = "",
) -> Organisation:
    """Found a union under a superior on a day. Raises Refused.

    A branch or group stands in its union's industry chain too; a union directly under an industry union that has an
    industry superior stands in that chain as well. Street unions accept individuals unless told otherwise.
    """
    actor.require(checks.REORGANISE, *(parent.paths if parent is not None else ("",)))
    name = checks.clean_name(name)
    tree.keep_still() if parent is not None else tree.hold_for_change()
    above, beside = _superiors(parent, industry_parent)
    checks.shape(kind, level, above)
    if above is not None:
        checks.standing(above, field="parent")
    if beside is None and above is not None and above.kind == Kind.INDUSTRY and kind in checks.DUAL:
        beside = above if above.second_path else None
    if beside is not None:
        checks.industry_shape(kind, level, beside)
        checks.standing(beside, field="industry_parent")
    checks.free_name(name, above)
    since = [checks.placed_since(one) for one in (above, beside) if one is not None]
    checks.effective(on, *since, what="上级工会")
    path, second_path, second_parent = _place(kind, above, beside)
    organisation = Organisation.objects.create(
        code=_free_code(code, division),
        name=name,
        short_name=short_name,
        kind=kind,
        level=level,
        form=form,
        uscc=checks.union_uscc(uscc),
        division=division,
        existence=DateRange(on, None),
        path=path,
        second_path=second_path,
        parent=above,
        industry_parent=beside,
        address=address,
        telephone=telephone,
        legal_certificate=legal_certificate,
        legal_certificate_until=legal_certificate_until,
        accepts_individuals=kind == Kind.STREET if accepts_individuals is None else accepts_individuals,
    )
    period = DateRange(on, None)
    placements = [Placement(organisation=organisation, parent=above, path=path, period=period)]
    if second_path:
        placements.append(
            Placement(
                organisation=organisation,
                chain=Chain.INDUSTRY,
                parent=second_parent,
                path=second_path,
                period=period,
            )
        )
    Placement.objects.bulk_create(placements)
    Naming.objects.create(organisation=organisation, name=name, period=period)
    journal(
        actor,
        "organisations.establish",
        subject=organisation,
        paths=organisation.paths,
        reason=document,
        detail={"code": organisation.code, "kind": kind, "level": level, "on": on.isoformat()},
    )
    return organisation


def _superiors(
    parent: Organisation | None, industry_parent: Organisation | None
) -> tuple[Organisation | None, Organisation | None]:
    """Both superiors, read anew and locked: their rows number the children."""
    found = {one.pk: one for one in tree.locked(parent, industry_parent)}
    return (
        found[parent.pk] if parent is not None else None,
        found[industry_parent.pk] if industry_parent is not None else None,
    )


def _place(
    kind: str, above: Organisation | None, beside: Organisation | None
) -> tuple[str, str, Organisation | None]:
    """The path, the path in the industry chain ("" for none) and the superior there."""
    segment = tree.free_segment(above)
    path = (above.path if above is not None else "") + segment
    second, second_parent = "", None
    if kind in checks.PARTS and above is not None and above.second_path:
        second, second_parent = above.second_path + segment, above
    elif beside is not None:
        same = above is not None and beside.pk == above.pk
        second = beside.path_in(Chain.INDUSTRY) + (segment if same else tree.free_segment(beside))
        second_parent = beside
    if max(paths.depth(path), paths.depth(second)) > paths.DEEPEST:
        raise Refused(
            f"组织层级已达上限（{paths.DEEPEST} 层），不能再往下设。请设在更高一级的工会之下。", "parent"
        )
    return path, second, second_parent


def _free_code(code: str | None, division: str) -> str:
    if not code:
        return codes.next_code(division)
    code = code.strip().upper()
    if (
        Organisation.objects.everywhere(reason="a code is unique in the whole federation")
        .filter(code=code)
        .exists()
    ):
        raise Refused(f"组织代码 {code} 已被使用，请换一个，或留空由系统编号。", "code")
    return code
