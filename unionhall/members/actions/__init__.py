"""Verbs of members: atomic, journalled, keyword-only, the actor first. Every one asks the actor's permission itself."""

from .cards import issue_card, replace_card, restore_card, revoke_card, suspend_card
from .households import add_relative, form_household, leave_household
from .memberships import admit, end, move, resume, retain
from .messages import Sent, message_members
from .persons import (
    REVEALABLE,
    change_employment,
    change_phone,
    edit_person,
    link_account,
    paths_of,
    register_person,
    reveal,
)
from .posts import appoint, leave_post, leave_posts, posts_in, whole_union
from .registration import register_member
from .relocating import relocate

__all__ = [
    "REVEALABLE",
    "Sent",
    "add_relative",
    "admit",
    "appoint",
    "change_employment",
    "change_phone",
    "edit_person",
    "end",
    "form_household",
    "issue_card",
    "leave_household",
    "leave_post",
    "leave_posts",
    "link_account",
    "message_members",
    "move",
    "paths_of",
    "posts_in",
    "register_member",
    "register_person",
    "relocate",
    "replace_card",
    "restore_card",
    "resume",
    "retain",
    "reveal",
    "revoke_card",
    "suspend_card",
    "whole_union",
]
