from unionhall.foundation import rooms


class LedgerConfig(rooms.RoomConfig):
    name = "unionhall.ledger"
    verbose_name = "资金账"
