from unionhall.foundation import rooms


class AccessConfig(rooms.RoomConfig):
    name = "unionhall.access"
    verbose_name = "权限"
