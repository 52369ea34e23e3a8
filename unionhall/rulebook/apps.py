from unionhall.foundation import rooms


class RulebookConfig(rooms.RoomConfig):
    name = "unionhall.rulebook"
    verbose_name = "规则库"
