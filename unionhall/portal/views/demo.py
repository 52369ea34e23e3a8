"""/demo/: a card per role with one-click login, the text messages that were not sent, a tour. Only in demo mode."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from unionhall.access import signing
from unionhall.access.models import Account, SentText
from unionhall.foundation import gallery
from unionhall.foundation.context import ELDER_COOKIE
from unionhall.foundation.permissions import EVERYONE, Role
from unionhall.foundation.views import Page, download
from unionhall.kit.masking import mask_phone
from unionhall.members.synthetic import people

from ..seeding.accounts import CAST, PASSWORD, Part
from ..seeding.sample import SAMPLE_NAME, sample_roster

TEXTS_SHOWN = 8
#: Seeds of identities to type in while trying to join: apart from those of the seeded people and of rosters.
TRY_SEED, TRIES = 800, 99


class OnlyInDemo(Page):
    """Outside the demonstration these pages do not exist."""

    permission = EVERYONE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class Demo(OnlyInDemo):
    template_name = "portal/demo.html"

    def context(self) -> dict[str, Any]:
        known = set(
            Account.objects.values_list("username", flat=True).filter(username__in=[p.username for p in CAST])
        )
        phones = worker_phones()
        parts = [part for part in CAST if part.username in known or part.username in phones]
        accounts = {name: mask_phone(phone) for name, phone in phones.items()}
        groups = [(title, [part for part in parts if wanted(part)]) for title, wanted in _GROUPS]
        return {
            "groups": [
                {
                    "title": title,
                    "cards": [
                        {"part": one, "account": accounts.get(one.username, one.username)} for one in found
                    ],
                }
                for title, found in groups
            ],
            "cards": parts,
            "password": PASSWORD,
            "texts": SentText.objects.order_by("-sent_at")[:TEXTS_SHOWN],
            "stranger": stranger(),
            "phone": phones.get("newcomer", ""),
            "tour": tour(),
        }


_UNION = {Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER}
_GROUPS: tuple[tuple[str, Callable[[Part], bool]], ...] = (
    ("职工（手机）", lambda part: part.role is Role.WORKER),
    ("基层、街道、区、市、省工会", lambda part: part.role in _UNION),
    ("窗口、审核、监督和合作单位", lambda part: part.role not in _UNION | {Role.WORKER}),
)


def stranger() -> dict[str, Any]:
    """Someone invented who is in no register: what to type into the joining pages. Another one every minute."""
    row = people(1, seed=TRY_SEED + int(timezone.now().timestamp() // 60) % TRIES).row(0, named=True)
    return {"name": row["name"], "id_number": row["id_number"]}


def worker_phones() -> dict[str, str]:
    """The workers' phones as seeding wrote them down beside the data."""
    try:
        rows = json.loads((Path(settings.HOME) / "demo-accounts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {row["part"]: row["username"] for row in rows if row.get("part") and row["username"].isdigit()}


def tour() -> list[dict[str, Any]]:
    """Six stops, each with the role to take and the page to begin at; a page that is not there yet is left out."""
    found = []
    for title, text, who, name in _TOUR:
        try:
            found.append({"title": title, "text": text, "who": who, "next": reverse(name)})
        except NoReverseMatch:
            continue
    return found


_TOUR = (
    (
        "手机上申请入会",
        "以“还没入会的职工”进入，按提示填写；单位可填“江岸楚驿达快递有限公司”。提交后看到编号、谁审核、几天办结。",
        "newcomer",
        "m_join",
    ),
    (
        "主席看到并审批",
        "申请在主席的审核队列里，有红黄绿时限；通过后会员卡自动生成，本人收到消息。",
        "chair",
        "desk_reviews",
    ),
    (
        "导入一份有错的名册",
        "先下载示例名册（表头不规范，夹着错误），上传后看核对结果，下载带“错误说明”的文件，再入库，也可整批撤销。",
        "chair",
        "desk_imports",
    ),
    (
        "出示和核验会员码",
        "会员卡上的二维码每 30 秒变化；任何人扫码只看到有效与否和打码的姓名。",
        "member",
        "m_card",
    ),
    (
        "查看证件号，再到日志里找到它",
        "主席在会员页点“查看”并填事由；再以“审计员”进入，日志里有谁、什么时候、为什么。",
        "auditor",
        "desk_journal",
    ),
    (
        "从全市数据点到一家企业",
        "领导从全市的数字一层层点到街道、企业：看得到数，看不到个人。",
        "leader",
        "desk_figures",
    ),
)


class DemoSignIn(OnlyInDemo):
    """One click: take a part."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, username: str) -> HttpResponse:
        part = next((one for one in CAST if one.username == username), None)
        if part is None:
            raise Http404
        response = redirect(signing.safe_next(request, request.POST.get("next"), self._take(request, part)))
        if part.role is Role.WORKER:
            response.set_cookie(ELDER_COOKIE, "1" if username == "elder" else "0", samesite="Lax")
        return response

    def _take(self, request: HttpRequest, part: Part) -> str:
        if part.role is Role.WORKER:
            phone = worker_phones().get(part.username)
            if phone is None:
                raise Http404
            signing.open_worker_session(request, signing.account_of(phone))
        else:
            account = Account.objects.filter(username=part.username, is_active=True).first()
            if account is None:
                raise Http404
            signing.open_desk_session(request, account)
        return part.start


class SampleRoster(OnlyInDemo):
    """A roster as an office might send it, with errors planted in it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return download(sample_roster(), SAMPLE_NAME)


class Gallery(OnlyInDemo):
    """Every component with sample values."""

    template_name = "gallery.html"

    def context(self) -> dict[str, Any]:
        return gallery.samples()


class WorkerGallery(Gallery):
    template_name = "gallery_worker.html"
