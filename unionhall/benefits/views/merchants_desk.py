"""Merchants at the desk: agreement, outlets, tills, monthly statements."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from unionhall.access.models import Account, Grant
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List
from unionhall.organisations.paths import above

from ..actions import catalogue as actions
from ..forms.member_services import MerchantForm, OutletForm, TellerForm
from ..models import Merchant, OfflineUpload, Outlet, Service, Teller
from .services_desk import EDIT, VIEW, tabs
from .statements import TONES
from .statements_desk import SETTLE

_WHY = "parts of a merchant that the reader may open"


class Merchants(List):
    """/desk/services/merchants/."""

    model = Merchant
    permission = VIEW
    template_name = "benefits/desk/merchants.html"
    ordering = "pk"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        services = Service.objects.everywhere(reason=_WHY).filter(merchant__in=rows)
        counts = dict(services.values_list("merchant").annotate(n=Count("pk")).order_by())
        outlets = Outlet.objects.everywhere(reason=_WHY).filter(merchant__in=rows)
        places = dict(outlets.values_list("merchant").annotate(n=Count("pk")).order_by())
        return [
            {
                "merchant": one, "services": counts.get(one.pk, 0), "outlets": places.get(one.pk, 0),
                **agreement_state(one, today),
            }
            for one in rows
        ]  # fmt: skip

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_merchants", self.access), "may_edit": bool(self.access.prefixes(EDIT))}


def agreement_state(merchant: Merchant, today: Any) -> dict[str, Any]:
    """Words and tone of the agreement, and its last day."""
    ends = merchant.agreement.upper
    last = None if ends is None else ends - timedelta(days=1)
    if merchant.suspended:
        words, tone = "暂停合作", "warn"
    elif not merchant.serves_on(today):
        words, tone = "协议不在有效期", "bad"
    elif last is not None and (last - today).days <= 30:
        words, tone = "即将到期", "warn"
    else:
        words, tone = "合作中", "ok"
    return {"words": words, "tone": tone, "last": last}


class _OnMerchant(Act):
    model = Merchant
    permission = EDIT
    template_name = "benefits/desk/form.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "payee")

    def get_success_url(self) -> str:
        return reverse("desk_merchant", args=[self.object.pk])

    def page(self, heading: str, submit: str = "保存", **more: Any) -> dict[str, Any]:
        return {
            "heading": heading, "submit": submit, "back": self.get_success_url(),
            "tabs": tabs("desk_merchants", self.access), "list_label": "商户",
            "list_url": reverse("desk_merchants"), **more,
        }  # fmt: skip


class MerchantPage(Detail):
    """/desk/services/merchants/<pk>/: agreement, outlets, accounts, statements, offline uploads."""

    model = Merchant
    permission = VIEW
    template_name = "benefits/desk/merchant.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation", "payee")

    def context(self) -> dict[str, Any]:
        one: Merchant = self.object
        state = agreement_state(one, timezone.localdate())
        begins = f"{one.agreement.lower:%Y-%m-%d}"
        ends = f"{state['last']:%Y-%m-%d}" if state["last"] else "没有约定"
        facts = [
            ("签约工会", one.organisation.name), ("协议期间", f"{begins} 至 {ends}"),
            ("协议编号", one.agreement_number or "—"), ("统一社会信用代码", one.uscc or "—"),
            ("联系人", f"{one.contact} {one.telephone}".strip() or "—"),
            ("收款账户", f"{one.payee.bank} {one.payee.masked}" if one.payee else "没有登记"),
        ]  # fmt: skip
        uploads = OfflineUpload.objects.everywhere(reason=_WHY).filter(merchant=one)
        paths = one.organisation.paths
        return {
            "tabs": tabs("desk_merchants", self.access), "state": state, "facts": facts,
            "outlets": list(one.outlets.order_by("pk")[:200]),
            "tellers": list(one.tellers.select_related("account", "outlet").order_by("until", "pk")[:50]),
            "services": list(one.services.order_by("pk")[:50]), "service_count": one.services.count(),
            "statements": [
                {"row": row, "tone": TONES[row.state]} for row in one.reconciliations.order_by("-month")[:12]
            ],
            "uploads": list(uploads.order_by("-pk")[:5]),
            "may_edit": self.actor.may(EDIT, *paths), "may_settle": self.actor.may(SETTLE, *paths),
        }  # fmt: skip


_PLAIN = ("name", "uscc", "contact", "telephone", "agreement_number", "suspended")


class NewMerchant(Create):
    """/desk/services/merchants/new/."""

    model = Merchant
    permission = EDIT
    template_name = "benefits/desk/form.html"
    form_class: Any = MerchantForm
    success_message = "已登记商户“{result}”。接着登记网点、账号和服务。"

    def act(self, form: MerchantForm) -> Merchant:
        return save(self.actor, None, form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_merchant", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {
            "heading": "登记商户", "submit": "登记", "back": reverse("desk_merchants"),
            "tabs": tabs("desk_merchants", self.access), "list_label": "商户", "list_url": reverse("desk_merchants"),
        }  # fmt: skip


def save(actor: Any, merchant: Merchant | None, given: dict[str, Any]) -> Merchant:
    return actions.save_merchant(
        actor, organisation=merchant.organisation if merchant else given["organisation"], merchant=merchant,
        begins=given["begins"], ends=given["ends"], given={name: given[name] for name in _PLAIN},
        bank=given["bank"], number=given["number"],
    )  # fmt: skip


class EditMerchant(_OnMerchant):
    """/desk/services/merchants/<pk>/edit/: all but the union that signed."""

    form_class: Any = MerchantForm
    success_message = "已保存。"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields.pop("organisation", None)
        return form

    def get_initial(self) -> dict[str, Any]:
        one: Merchant = self.object
        last = agreement_state(one, timezone.localdate())["last"]
        return {name: getattr(one, name) for name in _PLAIN} | {"begins": one.agreement.lower, "ends": last}

    def act(self, form: Any) -> Merchant:
        return save(self.actor, self.object, form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return self.page(f"修改：{self.object}")


class NewOutlet(_OnMerchant):
    """/desk/services/merchants/<pk>/outlets/new/."""

    form_class = OutletForm
    success_message = "已登记网点“{result}”。"

    def act(self, form: OutletForm) -> Outlet:
        return actions.save_outlet(self.actor, merchant=self.object, outlet=None, given=form.cleaned_data)

    def context(self) -> dict[str, Any]:
        return self.page(f"{self.object}：登记网点", "登记")


class EditOutlet(Act):
    """/desk/services/outlets/<pk>/."""

    model = Outlet
    permission = EDIT
    template_name = "benefits/desk/form.html"
    form_class = OutletForm
    success_message = "已保存。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("merchant__organisation", "node")

    def get_initial(self) -> dict[str, Any]:
        own = {name: getattr(self.object, name) for name in OutletForm.base_fields if name != "node"}
        return own | {"node": self.object.node.code if self.object.node else ""}

    def act(self, form: OutletForm) -> Outlet:
        one: Outlet = self.object
        return actions.save_outlet(self.actor, merchant=one.merchant, outlet=one, given=form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("desk_merchant", args=[self.object.merchant_id])

    def context(self) -> dict[str, Any]:
        return {
            "heading": f"修改网点：{self.object}", "submit": "保存", "back": self.get_success_url(),
            "tabs": tabs("desk_merchants", self.access), "list_label": "商户", "list_url": reverse("desk_merchants"),
        }  # fmt: skip


class NewTeller(_OnMerchant):
    """/desk/services/merchants/<pk>/tellers/new/: an account with the role 服务商户 in the actor's area."""

    form_class: Any = TellerForm
    success_message = "已绑定账号，可以核销了。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"merchant": self.object}

    def act(self, form: TellerForm) -> Teller:
        name = form.cleaned_data["username"].strip()
        union = self.object.organisation
        held = Grant.objects.everywhere(reason="whether an account holds the merchant's role here")
        held = held.in_force(timezone.localdate()).filter(
            Q(organisation__path__startswith=union.path) | Q(organisation__path__in=above(union.path)),
            account__username=name, role=Role.MERCHANT,
        )  # fmt: skip
        found = held.select_related("account").first()
        if found is None:
            raise Refused(
                "没有这个账号，或者它没有本工会范围内的服务商户角色。请先在“账号和授权”开通。", "username"
            )
        account: Account = found.account
        outlet = form.cleaned_data["outlet"]
        return actions.add_teller(self.actor, merchant=self.object, account=account, outlet=outlet)

    def context(self) -> dict[str, Any]:
        return self.page(f"{self.object}：绑定账号", "绑定")


class EndTeller(Act):
    """POST /desk/services/tellers/<pk>/end/."""

    model = Teller
    permission = EDIT
    http_method_names = ("post",)
    success_message = "已停用，这个账号不能再核销。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("merchant__organisation")

    def act(self, form: Any) -> None:
        actions.end_teller(self.actor, teller=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_merchant", args=[self.object.merchant_id])
