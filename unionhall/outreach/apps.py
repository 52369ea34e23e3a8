from unionhall.foundation import rooms


class OutreachConfig(rooms.RoomConfig):
    name = "unionhall.outreach"
    verbose_name = "走访联系"
