from unionhall.foundation import rooms


class BenefitsConfig(rooms.RoomConfig):
    name = "unionhall.benefits"
    verbose_name = "普惠保障"
