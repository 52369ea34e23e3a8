"""Jobs of cases: each noun's file here is read when the worker looks for jobs."""

from importlib import import_module
from pkgutil import iter_modules

for _noun in iter_modules(__path__):
    import_module(f"{__name__}.{_noun.name}")
