from unionhall.foundation import rooms


class PortalConfig(rooms.RoomConfig):
    name = "unionhall.portal"
    verbose_name = "门户"
