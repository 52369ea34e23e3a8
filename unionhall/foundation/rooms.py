"""The app registry's half of a room: each room's declarations are read once, when Django is ready."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

#: What a room declares by being imported; in this order, so that later ones may name earlier ones.
DECLARATIONS = (
    "policy",
    "facts",
    "schemes",
    "parameters",
    "indicators",
    "procedures",
    "navigation",
    "offers",
    "panels",
    "todo",
)


class RoomConfig(AppConfig):
    """An app whose declarations (permissions, indicators, procedures, navigation, offers) load by themselves."""

    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for name in DECLARATIONS:
            if find_spec(f"{self.name}.{name}"):
                import_module(f"{self.name}.{name}")
