"""Rooms above that keep a copy of where a node stands are told when it changes, in the same transaction."""

from collections.abc import Callable

from .models import Node

Follower = Callable[[Node], None]
_followers: list[Follower] = []


def supply_follower(follower: Follower) -> None:
    """Registering the same follower again changes nothing."""
    if follower not in _followers:
        _followers.append(follower)


def follow(node: Node) -> None:
    for follower in _followers:
        follower(node)
