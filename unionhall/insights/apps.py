from unionhall.foundation import rooms


class InsightsConfig(rooms.RoomConfig):
    name = "unionhall.insights"
    verbose_name = "洞察"

    def ready(self) -> None:
        super().ready()
        from unionhall.members import totals

        from .totals import of_scope

        totals.supply(of_scope)
