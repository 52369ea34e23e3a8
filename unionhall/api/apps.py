from unionhall.foundation import rooms


class ApiConfig(rooms.RoomConfig):
    name = "unionhall.api"
    verbose_name = "接口"

    def ready(self) -> None:
        super().ready()
        from . import events

        events.announce_all()
