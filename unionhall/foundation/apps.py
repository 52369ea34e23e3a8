"""Foundation as an app: the checks and the schema every room stands on."""

from unionhall.foundation import rooms


class FoundationConfig(rooms.RoomConfig):
    name = "unionhall.foundation"
    verbose_name = "地基"

    def ready(self) -> None:
        from django.core import checks
        from django.db.models.signals import pre_migrate

        from .checks import scope_is_declared
        from .database import prepare_schema

        super().ready()
        checks.register(scope_is_declared, checks.Tags.models)
        pre_migrate.connect(prepare_schema, sender=self, dispatch_uid="unionhall.schema")
