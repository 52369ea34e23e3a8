from unionhall.foundation import rooms


class CasesConfig(rooms.RoomConfig):
    name = "unionhall.cases"
    verbose_name = "维权与诉求"
