from unionhall.foundation import rooms


class AccessConfig(rooms.RoomConfig):
    name = "unionhall.access"
    verbose_name = "权限"

    def ready(self) -> None:
        from unionhall.foundation.resealing import SealedInJson, declare

        super().ready()
        # Second factors stand sealed inside allauth's own table (access.adapters).
        declare(lambda: SealedInJson("mfa.authenticator", "mfa_authenticator", "id", "data"))
