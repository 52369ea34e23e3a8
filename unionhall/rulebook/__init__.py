"""rulebook 规则库: loads dated schemes, checks them, and gives the version in force on a day.

    from unionhall import rulebook
    version = rulebook.scheme("standing", on=day, division="4201")
    version.parameters.deemed_withdrawal_months, version.digest, version.source, version.status

Main nouns: programme (what a scheme is about), scheme file, version, worked example, use of a version.
"""

from .book import NoScheme, reload, scheme, versions
from .programmes import Parameters, calculator, programme
from .versions import Mistake, Reference, Source, Version

__all__ = [
    "Mistake",
    "NoScheme",
    "Parameters",
    "Reference",
    "Source",
    "Version",
    "calculator",
    "programme",
    "reload",
    "scheme",
    "versions",
]
