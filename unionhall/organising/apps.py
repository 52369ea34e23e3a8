from unionhall.foundation import rooms


class OrganisingConfig(rooms.RoomConfig):
    name = "unionhall.organising"
    verbose_name = "建会入会"
