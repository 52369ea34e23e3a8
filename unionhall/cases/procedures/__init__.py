"""Kinds of cases: each noun registers its kind in a file here, all of which are read once Django is ready."""

from importlib import import_module
from pkgutil import iter_modules

for _noun in iter_modules(__path__):
    import_module(f"{__name__}.{_noun.name}")
