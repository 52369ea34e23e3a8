"""The worker's entrance: home, matters, messages, me, help, elder view, a copy of one's own data."""

from functools import cached_property, lru_cache
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from unionhall.access import signing
from unionhall.access.models import Account
from unionhall.benefits import entitlements
from unionhall.benefits.entitlements import Entitlement
from unionhall.foundation.compiled import Ask, Compiled, Reader, together
from unionhall.foundation.context import ELDER_COOKIE
from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import EVERYONE, SIGNED_IN
from unionhall.foundation.views import List, Page, Requires, download
from unionhall.kit.masking import mask_phone
from unionhall.members import documents
from unionhall.members.views.own import Own
from unionhall.network.models import GridWorker
from unionhall.organising.actions.admission import PROCEDURE as ADMISSION
from unionhall.records.actions import journal
from unionhall.records.models import Message
from unionhall.records.navigation import newest_asked, newest_unread
from unionhall.reviews.models import Review, ReviewStep
from unionhall.reviews.presenting import clock, stepper

from .. import own_data

#: label, URL name, icon: shown only where the page exists. The first tile is for whom it fits.
JOIN = ("申请入会", "m_join", "users-plus")
BENEFITS = ("我能享受", "m_benefits", "gift")
SERVICES = (
    ("会员卡", "m_card", "id-badge-2"),
    ("会籍转接", "m_transfer", "transfer"),
    ("我的办件", "m_applications", "clipboard-list"),
    ("找工会", "public_orgs", "map-pin"),
    ("会员服务", "m_services", "ticket"),
    ("我的授权", "m_consents", "shield-check"),
    ("求助咨询", "m_help", "headset"),
)
OPEN_SHOWN = 3
YEAR_SECONDS = 365 * 86_400


@lru_cache(maxsize=32)
def links(items: tuple[tuple[str, str, str], ...]) -> list[dict[str, str]]:
    """Those whose page exists: what is not built is not offered."""
    found = []
    for label, name, icon in items:
        try:
            found.append({"label": label, "url": reverse(name), "icon": icon})
        except NoReverseMatch:
            continue
    return found


_open_matters = Compiled(
    lambda: (
        Review.objects.owned_by(Reader()).open().select_related("organisation").order_by("-pk")[:OPEN_SHOWN]
    )
)


class Home(Own, Page):
    """/m/: who I am, my card, what I can do, what is under way, what is new."""

    needs_person = False
    template_name = "portal/worker/home.html"

    def context(self) -> dict[str, Any]:
        if self.access.account_id is not None:
            together(self.known_asked, self._matters, newest_asked(self.request))
        matters = self._under_way()
        return {
            "person": self.known,
            "membership": self.membership,
            "card": self.card,
            "services": links((BENEFITS if self.membership else JOIN, *SERVICES)),
            "recommended": [_recommended(one) for one in self._recommended()],
            "matters": matters,
            "joining": any(row["review"].procedure == ADMISSION for row in matters),
            "letters": [_letter(row) for row in newest_unread(self.request)],
        }

    def _recommended(self) -> list[Entitlement]:
        """Up to three benefits not used yet, in one statement; for members, whose place is known already."""
        if self.known is None or self.membership is None:
            return []
        division = self.membership.organisation.division
        return entitlements.recommended(self.known.pk, division, timezone.localdate())

    @cached_property
    def _matters(self) -> Ask[Review]:
        return _open_matters.ask(account=self.access.account_id)

    def _under_way(self) -> list[dict[str, Any]]:
        reviews = self._matters.get()
        if not reviews:
            return []
        rows = ReviewStep.objects.everywhere(reason="steps of the reader's own matters")
        steps: dict[int, list[ReviewStep]] = {}
        for step in rows.filter(review__in=reviews).select_related("organisation").order_by("order"):
            steps.setdefault(step.review_id, []).append(step)
        today, calendar = timezone.localdate(), working_calendar()
        return [
            {
                "review": review,
                "stepper": stepper(review, steps.get(review.pk, [])),
                "clock": clock(
                    next((step for step in steps.get(review.pk, []) if step.is_current), None),
                    today,
                    calendar,
                ),
            }
            for review in reviews
        ]


def _recommended(one: Entitlement) -> dict[str, Any]:
    return {
        "title": one.version.title,
        "amount": one.amount,
        "icon": one.offering.icon,
        "url": reverse("m_benefit", args=[one.offering.programme]),
    }


class Matters(Own, Page):
    """办事: every service there is, by what it is for."""

    needs_person = False
    template_name = "portal/worker/matters.html"
    GROUPS: ClassVar[tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]] = (
        (
            "会籍",
            (
                ("申请入会", "m_join", "users-plus"),
                ("会籍转接", "m_transfer", "transfer"),
                ("保留恢复", "m_retain", "clock-pause"),
                ("退会", "m_withdraw", "user-minus"),
                ("单位建会", "m_found", "building-community"),
                ("会籍记录", "m_history", "history"),
            ),
        ),
        (
            "会员服务",
            (
                ("服务目录", "m_services", "ticket"),
                ("我的券", "m_vouchers", "qrcode"),
                ("服务网点", "m_outlets", "map-pin"),
                ("服务站点", "m_stations", "map-2"),
            ),
        ),
        (
            "会员卡",
            (
                ("会员卡", "m_card", "id-badge-2"),
                ("打印纸质证", "m_card_paper", "printer"),
                ("挂失", "m_card_loss", "ban"),
            ),
        ),
        (
            "待遇",
            (
                BENEFITS,
                ("待遇发放", "m_payments", "cash-banknote"),
                ("办事指南", "public_services", "list-details"),
            ),
        ),
        (
            "查询",
            (
                ("我的办件", "m_applications", "clipboard-list"),
                ("找工会", "public_orgs", "map-pin"),
                ("求助咨询", "m_help", "headset"),
                ("工会走访", "m_visits", "home-check"),
            ),
        ),
    )

    def context(self) -> dict[str, Any]:
        groups = [(title, links(items)) for title, items in self.GROUPS]
        looks_after = GridWorker.objects.all().owned_by(self.access).filter(until=None, cell__is_active=True)
        if looks_after.exists():
            groups.insert(
                0, ("网格", links((("我的网格", "m_grid", "map-2"), ("提出事项", "m_grid_report", "flag"))))
            )
        return {"groups": [(title, items) for title, items in groups if items]}


class Me(Own, Page):
    """我的: my data masked, and what I may do with it."""

    needs_person = False
    template_name = "portal/worker/me.html"

    def context(self) -> dict[str, Any]:
        account, person = self.request.user, self.known
        return {
            "person": person,
            "membership": self.membership,
            "document": documents.label_of(person.id_type) if person else "",
            "phone": mask_phone(account.phone.reveal())
            if isinstance(account, Account) and account.phone
            else "",
        }


# Messages ------------------------------------------------------------------------------------------------------


def _letter(row: Message) -> dict[str, Any]:
    return {
        "title": row.title,
        "body": row.body,
        "at": row.created_at,
        "url": reverse("m_message", args=[row.pk]),
        "unread": row.read_at is None,
    }


class Messages(List):
    """消息, newest first."""

    model = Message
    mine = True
    permission = SIGNED_IN
    template_name = "portal/worker/messages.html"

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [_letter(row) for row in rows]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """全部标为已读."""
        Message.objects.owned_by(self.access).filter(read_at=None).update(read_at=timezone.now())
        messages.success(request, "已全部标为已读。")
        return redirect("m_messages")


class OneMessage(Own, Page):
    """One message; opening it reads it."""

    needs_person = False
    template_name = "portal/worker/message.html"

    def context(self) -> dict[str, Any]:
        rows = Message.objects.owned_by(self.access).filter(pk=self.kwargs["pk"])
        message = rows.first()
        if message is None:
            raise Http404
        if message.read_at is None:
            rows.update(read_at=timezone.now())
        return {"message": message, "tab": "m_messages"}


# Elder view, own data ------------------------------------------------------------------------------------------


class Elder(Requires):
    """大字版 on or off; works signed out too, on every page of /m/."""

    permission = EVERYONE

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("m_home")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        response = redirect(signing.safe_next(request, request.POST.get("next"), "m_home"))
        if request.POST.get("elder") == "1":
            response.set_cookie(
                ELDER_COOKIE,
                "1",
                max_age=YEAR_SECONDS,
                samesite="Lax",
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
            )
        else:
            response.delete_cookie(ELDER_COOKIE, samesite="Lax")
        return response


class OwnData(Own, Page):
    """A copy of everything kept about me: on the page, as JSON, as a workbook. Each copy is journalled."""

    needs_person = False
    template_name = "portal/worker/own_data.html"
    KINDS: ClassVar[tuple[str, ...]] = ("html", "json", "xlsx")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(sections=None))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kind = request.POST.get("kind", "")
        if kind not in self.KINDS:
            return redirect("m_own_data")
        assert isinstance(request.user, Account)
        sections = own_data.gather(request.user, self.known)
        subject = self.known or request.user
        journal(self.actor, "portal.export_own", subject=subject, label="本人数据", detail={"kind": kind})
        if kind == "html":
            return self.render_to_response(self.get_context_data(sections=sections))
        name = f"unionhall-{timezone.localdate():%Y%m%d}.{kind}"
        if kind == "json":
            document = DjangoJSONEncoder(ensure_ascii=False, indent=2).encode(own_data.as_document(sections))
            return download(document.encode(), name, "application/json")
        return download(own_data.as_workbook(sections), name)
