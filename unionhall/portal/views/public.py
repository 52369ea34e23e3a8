"""The public entrance: home, and the statements on personal information and accessibility."""

from typing import Any

from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.views import Page
from unionhall.members import consents

from .worker import links

DOORS = (
    ("申请入会", "m_join", "users-plus", "三分钟填完，手机上看进度"),
    ("办事指南", "public_services", "list-details", "谁能享受、多少、怎么办"),
    ("电子会员卡", "m_card", "id-badge-2", "手机出示，也可以打印纸质证"),
    ("会籍转接", "m_transfer", "transfer", "换了单位，会籍跟着走"),
    ("找工会", "public_orgs", "map-pin", "按名称或地区查找，看地址和电话"),
    ("进度查询", "public_progress", "progress-check", "凭编号看办到哪一步"),
    ("凭证核验", "public_verify_form", "scan", "扫码或输入，核对会员卡真假"),
)


class PublicHome(Page):
    """/: what this is, what can be done here, and the two doors."""

    permission = EVERYONE
    template_name = "portal/public/home.html"

    def context(self) -> dict[str, Any]:
        notes = {label: note for label, _, _, note in DOORS}
        found = links(tuple((label, name, icon) for label, name, icon, _ in DOORS))
        return {"doors": [{**door, "note": notes[door["label"]]} for door in found]}


class Privacy(Page):
    permission = EVERYONE
    template_name = "portal/public/privacy.html"

    def context(self) -> dict[str, Any]:
        return {"purposes": [*consents.PURPOSES.values(), *consents.further()], "version": consents.VERSION}


class Accessibility(Page):
    permission = EVERYONE
    template_name = "portal/public/accessibility.html"
