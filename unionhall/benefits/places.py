"""Where the steps of a benefit are decided: a person's own union and those above it, by level, in both chains."""

from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above

_LEVELS = {
    "street": Level.STREET,
    "county": Level.COUNTY,
    "city": Level.CITY,
    "province": Level.PROVINCE,
}


def places_of(union: Organisation) -> dict[str, Organisation | None]:
    """The places that steps may name (`schemes.base.PLACES`), in one statement; None where the chain has no such union.

    `district` is the nearest industry union above, where there is one, else the county's: 区县或产业 of many schemes.
    """
    paths = [*above(union.path), union.path, *above(union.second_path)]
    rows = Organisation.objects.everywhere(reason="the unions above a person's own decide on his benefits")
    chain = sorted(rows.filter(path__in=paths), key=lambda one: len(one.path))
    found: dict[str, Organisation | None] = {"union": union, "district": None}
    regional = [one for one in chain if union.path.startswith(one.path) and one.kind != Kind.INDUSTRY]
    for name, level in _LEVELS.items():
        found[name] = next((one for one in regional if one.level == level), None)
    industry = [one for one in chain if one.kind == Kind.INDUSTRY and one.pk != union.pk]
    found["district"] = industry[-1] if industry else found["county"]
    return found
