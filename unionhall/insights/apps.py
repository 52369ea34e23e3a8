from unionhall.foundation import rooms


class InsightsConfig(rooms.RoomConfig):
    name = "unionhall.insights"
    verbose_name = "洞察"
