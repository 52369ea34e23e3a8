"""Figures of cases: each noun declares its own in a file here, all of which are read at the start."""

from importlib import import_module
from pkgutil import iter_modules

for _noun in iter_modules(__path__):
    import_module(f"{__name__}.{_noun.name}")
