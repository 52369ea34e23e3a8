"""Parameters of each kind of case: each noun's file here declares its programme; all are read at the start."""

from importlib import import_module
from pkgutil import iter_modules

for _noun in iter_modules(__path__):
    import_module(f"{__name__}.{_noun.name}")
