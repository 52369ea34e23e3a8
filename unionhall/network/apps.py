from unionhall.foundation import rooms


class NetworkConfig(rooms.RoomConfig):
    name = "unionhall.network"
    verbose_name = "服务网络"
