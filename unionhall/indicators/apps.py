from unionhall.foundation import rooms


class IndicatorsConfig(rooms.RoomConfig):
    name = "unionhall.indicators"
    verbose_name = "指标"
