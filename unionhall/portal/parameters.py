"""What the portal supplies to rooms below the rulebook from the schemes: the standards of the service network."""

from datetime import date

from unionhall import rulebook
from unionhall.network import parameters as network
from unionhall.network.rules.standards import ItemKind, Standards

from .schemes import NetworkScheme, checks_of


def standards(on: date, division: str) -> Standards:
    """The network's standards in force on a day in a division. Raises Refused where no version holds."""
    version = rulebook.scheme(NetworkScheme, on, division)
    found = version.parameters
    return Standards(
        checks=checks_of(found),
        home_from_staff=found.home_from_staff,
        five=found.five,
        item_kinds=tuple(ItemKind(row.code, row.label, row.days) for row in found.items),
        version=f"network {version.jurisdiction or '-'} {version.starts:%Y-%m-%d} {version.digest[:16]}",
        source=str(version.source),
    )


network.supply_standards(standards)
