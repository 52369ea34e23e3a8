from unionhall.foundation import rooms


class WindowConfig(rooms.RoomConfig):
    name = "unionhall.window"
    verbose_name = "一站式窗口"

    def ready(self) -> None:
        super().ready()
        from . import card_reader, kinds  # noqa: F401 — the matters that a window takes register themselves

        card_reader.check()
