from unionhall.foundation import rooms


class PortalConfig(rooms.RoomConfig):
    name = "unionhall.portal"
    verbose_name = "门户"

    def ready(self) -> None:
        super().ready()
        from . import linking as linking  # puts into rooms' places what other rooms have
        from . import measures as measures  # declares what /metrics tells
