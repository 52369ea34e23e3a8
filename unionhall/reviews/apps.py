from unionhall.foundation import rooms


class ReviewsConfig(rooms.RoomConfig):
    name = "unionhall.reviews"
    verbose_name = "审核"
