from unionhall.foundation import rooms


class OrganisationsConfig(rooms.RoomConfig):
    name = "unionhall.organisations"
    verbose_name = "组织"
