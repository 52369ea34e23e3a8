"""What members supplies to the rooms below: members follow their union when it comes to stand elsewhere."""

from unionhall.organisations import following

from . import tallying

following.supply_follower(tallying.of_unions)
