"""The room, and the facts and conditions it brings itself."""

from importlib import import_module

from unionhall.foundation import rooms


class RulebookConfig(rooms.RoomConfig):
    name = "unionhall.rulebook"
    verbose_name = "规则库"

    def ready(self) -> None:
        super().ready()
        import_module("unionhall.rulebook.register")
