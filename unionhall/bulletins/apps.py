from unionhall.foundation import rooms


class BulletinsConfig(rooms.RoomConfig):
    name = "unionhall.bulletins"
    verbose_name = "公示公告"
