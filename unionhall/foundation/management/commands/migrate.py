"""`migrate` as Django has it, in a fraction of the time: see `foundation.drawing`."""

from typing import Any

from django.core.management.commands import migrate

from unionhall.foundation.drawing import drawn_once


class Command(migrate.Command):
    """The same command, the same statements."""

    def handle(self, *args: Any, **options: Any) -> None:
        with drawn_once():
            super().handle(*args, **options)
