"""How an account proves itself at the desk. Workers prove a phone (access.actions.sign_in_by_code)."""

from django.contrib.auth.backends import ModelBackend


class DeskBackend(ModelBackend):
    """Name and password; Django's group permissions are not used (grants are)."""
