"""How allauth is bent to our house: no sign-up, TOTP only."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The TOTP secret stands sealed like everything secret."""

    def encrypt(self, text: str) -> str:
        from unionhall.foundation.sealing import ring

        return ring().seal(text).hex()

    def decrypt(self, encrypted_text: str) -> str:
        from unionhall.foundation.sealing import ring

        return ring().open(bytes.fromhex(encrypted_text))
