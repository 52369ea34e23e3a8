"""保险承办机构 at the desk: who they are, which rolls they fetch, who works there."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from unionhall.access.models import Account, Grant
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above

from ..actions import insurers as actions
from ..forms.insurers import InsurerForm, SeatForm
from ..models import Insurer, InsurerSeat
from ..schemes.cover import TITLES
from .cover_desk import tabs

VIEW, EDIT = "benefits.insurers", "benefits.insurers_edit"
_FIELDS = ("name", "contact", "telephone", "programmes", "settles", "suspended")


def account_at(name: str, union: Organisation) -> Account:
    """The account of this name with the insurers' role around a union. Raises Refused when there is none."""
    held = Grant.objects.everywhere(reason="whether an account holds the insurers' role here")
    held = held.in_force(timezone.localdate()).filter(
        Q(organisation__path__startswith=union.path) | Q(organisation__path__in=above(union.path)),
        account__username=name.strip(), role=Role.INSURER,
    )  # fmt: skip
    found = held.select_related("account").first()
    if found is None:
        raise Refused(
            "没有这个账号，或者它没有本工会范围内的承保机构角色。请先在“账号和授权”开通。", "username"
        )
    account: Account = found.account
    return account


class Insurers(List):
    """/desk/cover/insurers/: insurers of the reader's area."""

    model = Insurer
    permission = VIEW
    template_name = "benefits/cover/insurers.html"

    def filtered(self) -> ScopedQuerySet[Any]:
        people = Count("seats", filter=Q(seats__until=None))
        return self.get_queryset().select_related("organisation").annotate(people=people)

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [{"insurer": one, "does": does(one)} for one in rows]

    def context(self) -> dict[str, Any]:
        return {
            "tabs": tabs("desk_insurers", self.access), "may_edit": bool(self.access.prefixes(EDIT)),
        }  # fmt: skip


def does(insurer: Insurer) -> list[str]:
    """What it does for the union, in words."""
    covers = [TITLES[code] for code in insurer.programmes]
    return [*covers, *(["报送医保结算"] if insurer.settles else [])]


class InsurerPage(Detail):
    """/desk/cover/insurers/<pk>/: what it may fetch and bring, its seats, what it did last."""

    model = Insurer
    permission = VIEW
    template_name = "benefits/cover/insurer.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "payee")

    def context(self) -> dict[str, Any]:
        one: Insurer = self.object
        seats = InsurerSeat.objects.everywhere(reason="seats of an insurer that the reader may open")
        return {
            "tabs": tabs("desk_insurers", self.access),
            "may_edit": self.actor.may(EDIT, *one.organisation.paths),
            "facts": [
                ("签约工会", one.organisation.name), ("办理", "、".join(does(one)) or "—"),
                ("联系人", f"{one.contact} {one.telephone}".strip() or "—"),
                ("状态", "暂停合作" if one.suspended else "合作中"),
                ("收款账户", f"{one.payee.bank} {one.payee.masked}" if one.payee else "没有登记"),
            ],
            "seats": list(seats.filter(insurer=one).select_related("account").order_by("-until", "pk")[:100]),
            "files": list(actions.files_of(one).order_by("-pk")[:10]),
        }  # fmt: skip


class NewInsurer(Create):
    """/desk/cover/insurers/new/."""

    model = Insurer
    permission = EDIT
    template_name = "benefits/cover/desk_form.html"
    form_class = InsurerForm
    success_message = "已登记“{result}”，请接着开通席位。"

    def act(self, form: InsurerForm) -> Insurer:
        given = form.cleaned_data
        values = {name: given[name] for name in _FIELDS}
        return actions.save_insurer(
            self.actor,
            organisation=given["organisation"],
            insurer=None,
            given=values,
            bank=given["bank"],
            number=given["number"],
        )

    def get_success_url(self) -> str:
        return reverse("desk_insurer", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {"heading": "登记承保机构", "submit": "登记", "back": reverse("desk_insurers")}


class _OnInsurer(Act):
    model = Insurer
    permission = EDIT
    template_name = "benefits/cover/desk_form.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_success_url(self) -> str:
        return reverse("desk_insurer", args=[self.object.pk])


class EditInsurer(_OnInsurer):
    """/desk/cover/insurers/<pk>/edit/."""

    form_class: Any = InsurerForm
    success_message = "已保存。"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields.pop("organisation", None)
        return form

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in _FIELDS}

    def act(self, form: InsurerForm) -> Insurer:
        one, given = self.object, dict(form.cleaned_data)
        bank, number = given.pop("bank"), given.pop("number")
        return actions.save_insurer(
            self.actor, organisation=one.organisation, insurer=one, given=given, bank=bank, number=number
        )

    def context(self) -> dict[str, Any]:
        return {"heading": f"修改：{self.object}", "submit": "保存", "back": self.get_success_url()}


class NewSeat(_OnInsurer):
    """/desk/cover/insurers/<pk>/seats/new/: an account with the role 承保机构 around the insurer's union."""

    form_class: Any = SeatForm
    success_message = "已开通席位。"

    def act(self, form: SeatForm) -> InsurerSeat:
        one: Insurer = self.object
        account = account_at(form.cleaned_data["username"], one.organisation)
        return actions.add_seat(self.actor, insurer=one, account=account)

    def context(self) -> dict[str, Any]:
        return {
            "heading": f"{self.object}：开通席位", "submit": "开通", "back": self.get_success_url(),
            "lead": "席位只看得到写给这个机构的投保名单和它自己报送的文件；下载名单每次都留下记录。",
        }  # fmt: skip


class EndSeat(Act):
    """POST /desk/cover/insurers/seats/<pk>/end/."""

    model = InsurerSeat
    permission = EDIT
    http_method_names = ("post",)
    success_message = "已停用，这个账号看不到任何名单和文件。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("insurer__organisation")

    def act(self, form: Any) -> None:
        actions.end_seat(self.actor, seat=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_insurer", args=[self.object.insurer_id])
