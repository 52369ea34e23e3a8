"""Foundation as an app: the checks and the schema every room stands on."""

from unionhall.foundation import rooms


class FoundationConfig(rooms.RoomConfig):
    name = "unionhall.foundation"
    verbose_name = "地基"

    def ready(self) -> None:
        from django.core import checks
        from django.db.backends.signals import connection_created
        from django.db.models.signals import post_migrate, pre_migrate

        from . import days, indexing
        from .checks import scope_is_declared
        from .database import keep_jobs_apart, prepare_schema

        days.bound_fields()
        super().ready()
        checks.register(scope_is_declared, checks.Tags.models)
        pre_migrate.connect(prepare_schema, sender=self, dispatch_uid="unionhall.schema")
        post_migrate.connect(keep_jobs_apart, sender=self, dispatch_uid="unionhall.jobs")
        connection_created.connect(indexing.read, dispatch_uid="unionhall.index_key")
