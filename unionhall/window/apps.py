from unionhall.foundation import rooms


class WindowConfig(rooms.RoomConfig):
    name = "unionhall.window"
    verbose_name = "一站式窗口"

    def ready(self) -> None:
        super().ready()
        from . import card_reader, following, kinds  # noqa: F401 — followers and matters register themselves

        card_reader.check()
