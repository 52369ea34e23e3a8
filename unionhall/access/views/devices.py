"""登录设备: where an account is signed in, on the phone and at the desk; ending one, all others, or (a keeper) all."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Act, Create, Page
from unionhall.records.actions import journal

from .. import actions, sessions
from ..forms import EndForm
from ..models import Account, SignInSession
from .accounts import _OfAccount


class _Own:
    """One's own sessions, in the layout of the entrance that asked."""

    request: HttpRequest
    permission = SIGNED_IN

    @property
    def account(self) -> Account:
        assert isinstance(self.request.user, Account)
        return self.request.user

    @property
    def entrance(self) -> str:
        """What names of addresses begin with."""
        return "m_" if self.request.path.startswith("/m/") else "own_"

    def get_success_url(self) -> str:
        return reverse(f"{self.entrance}sessions")


class Sessions(_Own, Page):
    """The list; a button for each, and one for all others."""

    def get_template_names(self) -> list[str]:
        return ["access/sessions_worker.html" if self.entrance == "m_" else "access/sessions_desk.html"]

    def context(self) -> dict[str, Any]:
        key = self.request.session.session_key
        here = sessions.digest_of_key(key) if key else ""
        rows = [
            {
                "session": row,
                "method": sessions.METHOD_LABELS.get(row.method, ""),
                "current": row.key_digest == here,
                "end_url": reverse(f"{self.entrance}session_end", args=[row.pk]),
            }
            for row in sessions.of(self.account)
        ]
        rows.sort(key=lambda row: not row["current"])
        return {
            "rows": rows,
            "others": sum(not row["current"] for row in rows),
            "others_url": reverse(f"{self.entrance}sessions_end"),
            "change_url": "" if self.entrance == "m_" else reverse("password_change"),
        }


class EndSession(_Own, Act):
    """End one of one's own sessions; anybody else's is 404."""

    model = SignInSession

    http_method_names = ["post"]
    success_message = "已退出那台设备上的登录。"

    def get_queryset(self) -> QuerySet[SignInSession]:  # type: ignore[override]
        return sessions.of(self.account)

    def act(self, form: Any) -> None:
        self.object.delete()
        journal(self.actor, "access.end_sessions", subject=self.account, label=self.account.words)


class EndOthers(_Own, Create):
    """End all of one's own sessions but this one."""

    http_method_names = ["post"]
    form_class = Act.form_class
    success_message = "其他设备上的登录已全部退出。"

    def act(self, form: Any) -> None:
        count = sessions.end(self.account, besides=self.request.session)
        detail = {"sessions": count}
        journal(
            self.actor, "access.end_sessions", subject=self.account, label=self.account.words, detail=detail
        )


class EndAll(_OfAccount, Act):
    """Whoever keeps an account ends all its sessions: a lost phone, a colleague who left."""

    permission = "access.grant"
    template_name = "access/act.html"
    form_class = EndForm
    success_message = "这个账号在所有设备上的登录都已结束。"

    def context(self) -> dict[str, Any]:
        lead = (
            f"{self.object}（{self.object.username}）现在登录在 {sessions.of(self.object).count()} 台设备上。"
        )
        return {"heading": "结束全部登录", "back": self.get_success_url(), "lead": lead}

    def act(self, form: EndForm) -> None:
        actions.end_sessions(self.actor, account=self.object, reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        return reverse("desk_account", args=[self.object.pk])
