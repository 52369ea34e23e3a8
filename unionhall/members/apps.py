from unionhall.foundation import rooms


class MembersConfig(rooms.RoomConfig):
    name = "unionhall.members"
    verbose_name = "会员"
