from unionhall.foundation import rooms


class RecordsConfig(rooms.RoomConfig):
    name = "unionhall.records"
    verbose_name = "记录"

    def ready(self) -> None:
        from unionhall.foundation import resealing

        from .resealing import Files

        super().ready()
        resealing.declare(Files)
