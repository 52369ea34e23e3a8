"""Signing in to the desk by an identity provider (统一身份认证): OpenID Connect, code flow with PKCE.

allauth.socialaccount does the flow (state, PKCE, token request) and keeps the links; here stands what it leaves open:
which provider (from the environment), the nonce, a whole check of the ID token, and that a subject opens only the
account that somebody who keeps accounts has linked to it. Nothing is created or matched by name or e-mail.
"""

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from typing import Any

import jwt
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

log = logging.getLogger("unionhall.access")

#: Signatures with a public key only: a shared secret or "none" would let the client's neighbours sign.
ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY_SECONDS = 30
SUBJECT_LENGTH = 191


@dataclass(frozen=True)
class Provider:
    """What the environment says of the provider. `second`: amr or acr values that count as a second factor."""

    issuer: str
    client: str
    secret: str
    name: str = "统一身份认证"
    second: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        """Stands in every link: the subjects of another issuer are other people."""
        return f"oidc-{hashlib.sha256(self.issuer.encode()).hexdigest()[:16]}"

    def had_second_factor(self, claims: dict[str, Any]) -> bool:
        said = claims.get("amr")
        found = {str(one) for one in said} if isinstance(said, list) else set()
        return not self.second.isdisjoint(found | {str(claims.get("acr", ""))})


def provider() -> Provider | None:
    """The provider that is configured; None when desks sign in by password only."""
    return Provider(**settings.OIDC) if settings.OIDC else None


class AdapterOfApps(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth's hooks: one provider from the settings, no sign-up, no page of allauth's own."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        ours = Provider(**settings.OIDC) if settings.OIDC else None
        if ours is None or provider not in (None, "openid_connect", ours.code):
            return []
        how = {
            "server_url": ours.issuer,
            "fetch_userinfo": False,
            "oauth_pkce_enabled": True,
            "scope": ["openid"],
        }
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=ours.code,
                name=ours.name,
                client_id=ours.client,
                secret=ours.secret,
                settings=how,
            )
        ]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """The provider has spoken: what follows is our own way in (second factor, session)."""
        from allauth.core.exceptions import ImmediateHttpResponse

        account = sociallogin.user if sociallogin.is_existing else None
        request.provider_account = account  # type: ignore[attr-defined]
        request.provider_next = sociallogin.state.get("next", "")  # type: ignore[attr-defined]
        raise ImmediateHttpResponse(HttpResponse(status=204))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        from allauth.core.exceptions import ImmediateHttpResponse

        reason = kwargs.get("exception") or kwargs.get("error")
        log.warning("provider sign-in refused reason=%s", type(reason).__name__ if reason else "state")
        raise ImmediateHttpResponse(HttpResponse(status=204))


class Flow(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's OpenID Connect with the checks of OIDC Core §3.1.3.7 in full."""

    nonce: str = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        found: dict[str, Any] = super().openid_config
        if str(found.get("issuer", "")).rstrip("/") != self.get_provider().app.settings["server_url"].rstrip(
            "/"
        ):
            raise OAuth2Error("the discovery document names another issuer")
        return found

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """From the configured address, never from the Host header."""
        return f"{settings.SITE_ADDRESS}{reverse('provider_callback')}"

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        claims = self._claims(app, kwargs["response"].get("id_token") or "")
        request.provider_claims = claims  # type: ignore[attr-defined]
        # Only the subject: names and addresses that a provider adds are not ours to keep.
        return self.get_provider().sociallogin_from_response(request, {"id_token": {"sub": claims["sub"]}})

    def _claims(self, app: Any, token: str) -> dict[str, Any]:
        """The token's claims, once signature, issuer, audience, party, time and nonce are right. Raises OAuth2Error."""
        try:
            key = self._key(jwt.get_unverified_header(token))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as wrong:
            raise OAuth2Error(f"the token is not good: {type(wrong).__name__}") from wrong
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != app.client_id:
            raise OAuth2Error("the token was made for another party")
        if not self.nonce or not hmac.compare_digest(str(claims.get("nonce", "")), self.nonce):
            raise OAuth2Error("the token answers another question")
        if not 0 < len(str(claims["sub"])) <= SUBJECT_LENGTH:
            raise OAuth2Error("the subject is empty or too long")
        return claims

    def _key(self, header: dict[str, Any]) -> Any:
        from allauth.socialaccount.adapter import get_adapter

        if header.get("alg") not in ALGORITHMS:
            raise OAuth2Error("the token's algorithm is not accepted")
        with get_adapter().get_requests_session() as web:
            answer = web.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = [key for key in answer.json().get("keys", []) if key.get("kty") in ("RSA", "EC")]
        for key in keys:
            if key.get("use", "sig") == "sig" and (key.get("kid") == header.get("kid") or len(keys) == 1):
                return jwt.PyJWK.from_json(json.dumps(key), header["alg"]).key
        raise OAuth2Error("the provider has no such key")


class Callback(OAuth2CallbackView):  # type: ignore[misc]
    """allauth's callback, which also hands the nonce over. A state is good once (it is taken out of the session)."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


def link_of(account: Any) -> SocialAccount | None:
    """The account's subject at the provider that is configured."""
    ours = provider()
    return SocialAccount.objects.filter(user=account, provider=ours.code).first() if ours else None
