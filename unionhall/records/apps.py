from unionhall.foundation import rooms


class RecordsConfig(rooms.RoomConfig):
    name = "unionhall.records"
    verbose_name = "记录"
