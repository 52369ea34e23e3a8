"""会员服务 at the desk: the catalogue, services, whole catalogues from a file."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List, Page, download
from unionhall.members.worksheets import MOST_ROWS

from .. import catalogue, catalogue_file
from ..actions import catalogue as actions
from ..forms.member_services import CatalogueForm, ServiceFilter, ServiceForm
from ..models import CatalogueImport, Merchant, Outlet, Rating, Reconciliation, Service, Voucher

VIEW, EDIT = "benefits.services", "benefits.services_edit"
TONES = {"draft": "mute", "offered": "ok", "paused": "warn", "ended": "mute"}
_WHY = "parts of a service or merchant that the reader may open"


def tabs(name: str, access: Any) -> list[dict[str, Any]]:
    """The pages of the catalogue; 导入 for those who keep it."""
    pages = [("服务目录", "desk_services"), ("商户", "desk_merchants"), ("对账单", "desk_statements")]
    if access.prefixes(EDIT):
        pages.append(("导入目录", "desk_catalogue"))
    return [{"label": label, "url": reverse(url), "current": url == name} for label, url in pages]


class Services(List):
    """/desk/services/: every line of the catalogues in the reader's area."""

    model = Service
    permission = VIEW
    template_name = "benefits/desk/services.html"
    filter_form = ServiceFilter
    ordering = "pk"

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, chosen = self.get_queryset(), self.chosen
        if "q" in chosen:
            rows = rows.filter(Q(title__icontains=chosen["q"]) | Q(code__iexact=chosen["q"]))
        for name in ("category", "kind", "state", "merchant"):
            if name in chosen:
                rows = rows.filter(**{name: chosen[name]})
        return rows.select_related("merchant__organisation")

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [{"service": one, "tone": TONES[one.state]} for one in rows]

    def context(self) -> dict[str, Any]:
        rows = self.get_queryset()
        waiting = Reconciliation.objects.all().visible_to(self.access, to=VIEW)
        waiting = waiting.filter(state__in=["agreed", "disputed"])
        used = Voucher.objects.all().visible_to(self.access, to=VIEW).filter(state=Voucher.State.REDEEMED)
        return {
            "tabs": tabs("desk_services", self.access),
            "may_edit": bool(self.access.prefixes(EDIT)),
            "tiles": [
                {"label": "在架服务", "value": rows.offered_on(timezone.localdate()).count(), "unit": "项"},  # type: ignore[attr-defined]
                {"label": "已核销", "value": used.count(), "unit": "次"},
                {
                    "label": "对账单等我办", "value": waiting.count(), "unit": "张",
                    "url": reverse("desk_statements"), "hot": waiting.exists(),
                },
            ],
        }  # fmt: skip


class Export(Services):
    """/desk/services/export/: the filtered catalogue, in the columns in which it is imported."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = list(self.filtered().order_by("pk")[:MOST_ROWS])
        places: dict[int, list[str]] = {}
        rows = Outlet.objects.everywhere(reason=_WHY).filter(offers__service__in=found).order_by("pk")
        for service, name in rows.values_list("offers__service", "name"):
            places.setdefault(service, []).append(name)
        scheme = catalogue.version_in("", timezone.localdate()).parameters
        name = f"服务目录-{timezone.localdate():%Y%m%d}.xlsx"
        return download(catalogue_file.export(found, scheme, places), name)


class ServiceDetail(Detail):
    """/desk/services/<pk>/: the service, its use, its ratings."""

    model = Service
    permission = VIEW
    template_name = "benefits/desk/service.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("merchant__organisation")

    def context(self) -> dict[str, Any]:
        service: Service = self.object
        paths = service.merchant.organisation.paths
        scheme = catalogue.version_in(service.merchant.organisation.division, timezone.localdate()).parameters
        audience = scheme.audience(service.audience)
        rows = Voucher.objects.everywhere(reason=_WHY).filter(service=service)
        counts = {state: rows.filter(state=state).count() for state in Voucher.State.values}
        ratings = Rating.objects.everywhere(reason=_WHY).filter(service=service)
        return {
            "tabs": tabs("desk_services", self.access),
            "tone": TONES[service.state],
            "audience": audience.label if audience else service.audience,
            "conditions": [clause.words() for clause in audience.conditions] if audience else [],
            "outlets": catalogue.outlets_of(service),
            "may_edit": self.actor.may(EDIT, *paths),
            "tiles": [
                {"label": "领取", "value": sum(counts.values()), "unit": "张"},
                {"label": "已使用", "value": counts["redeemed"], "unit": "张"},
                {"label": "没用就过期", "value": counts["expired"], "unit": "张"},
                {"label": "好差评", "value": service.rating or "—", "unit": f"{service.rating_count} 人评价"},
            ],
            "ratings": list(ratings.order_by("-pk")[:20]),
        }


class _ServiceForm:
    """What adding and changing a service share; the merchant is the one the address names."""

    access: Any

    def page(self, heading: str, back: str) -> dict[str, Any]:
        return {
            "heading": heading, "submit": "保存", "back": back, "tabs": tabs("desk_services", self.access),
            "list_label": "服务目录", "list_url": reverse("desk_services"),
        }  # fmt: skip

    @staticmethod
    def split(given: dict[str, Any]) -> tuple[dict[str, Any], list[Outlet]]:
        values = dict(given)
        return values, list(values.pop("outlets"))


class NewService(_ServiceForm, Act):
    """/desk/services/merchants/<pk>/services/new/."""

    model = Merchant
    permission = EDIT
    template_name = "benefits/desk/form.html"
    form_class: Any = ServiceForm
    success_message = "已登记服务“{result}”。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"merchant": self.object}

    def act(self, form: Any) -> Service:
        given, outlets = self.split(form.cleaned_data)
        return actions.save_service(
            self.actor, merchant=self.object, service=None, given=given, outlets=outlets
        )

    def get_success_url(self) -> str:
        return reverse("desk_service", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return self.page(f"{self.object}：登记服务", reverse("desk_merchant", args=[self.object.pk]))


class EditService(_ServiceForm, Act):
    """/desk/services/<pk>/edit/."""

    model = Service
    permission = EDIT
    template_name = "benefits/desk/form.html"
    form_class: Any = ServiceForm
    success_message = "已保存。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("merchant__organisation")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"merchant": self.object.merchant}

    def get_initial(self) -> dict[str, Any]:
        fields = [name for name in ServiceForm.base_fields if name != "outlets"]
        held = list(self.object.places.values_list("outlet", flat=True))
        return {name: getattr(self.object, name) for name in fields} | {"outlets": held}

    def act(self, form: Any) -> Service:
        given, outlets = self.split(form.cleaned_data)
        one: Service = self.object
        return actions.save_service(
            self.actor, merchant=one.merchant, service=one, given=given, outlets=outlets
        )

    def get_success_url(self) -> str:
        return reverse("desk_service", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return self.page(f"修改：{self.object}", self.get_success_url())


class ServiceState(Act):
    """POST /desk/services/<pk>/state/<state>/: into the catalogue, paused, out of it."""

    model = Service
    permission = EDIT
    http_method_names = ("post",)
    success_message = "已更新。会员已领的券仍可用到有效期。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("merchant__organisation")

    def act(self, form: Any) -> int:
        state = self.kwargs["state"]
        if state not in Service.State.values:
            raise Http404
        return actions.set_state(self.actor, services=[self.object], state=state)

    def get_success_url(self) -> str:
        return reverse("desk_service", args=[self.object.pk])


# Catalogues from a file ---------------------------------------------------------------------------------------------


class ReadCatalogue(Create):
    """/desk/services/import/: upload; nothing changes before it is taken over on the next page."""

    model = CatalogueImport
    permission = EDIT
    template_name = "benefits/desk/import.html"
    form_class = CatalogueForm

    def act(self, form: CatalogueForm) -> CatalogueImport:
        file, union = form.cleaned_data["file"], form.cleaned_data["organisation"]
        scheme = catalogue.version_in(union.division, timezone.localdate()).parameters
        found = catalogue_file.read(file.temporary_file_path(), file.name or "", union, scheme)
        return actions.keep_reading(
            self.actor, organisation=union, name=file.name or "", rows=found.rows, faults=found.faults
        )

    def get_success_url(self) -> str:
        return reverse("desk_catalogue_import", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        rows = self.get_queryset().defer("rows", "faults").order_by("-pk")
        return {"tabs": tabs("desk_catalogue", self.access), "latest": list(rows[:10])}


class CatalogueTemplate(Page):
    """/desk/services/template/: the empty workbook."""

    permission = EDIT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return download(catalogue_file.WORKSHEET.template(), "服务目录模板.xlsx")


class CatalogueReading(Act):
    """/desk/services/import/<pk>/: what it would change, what is wrong by row; then 入库."""

    model = CatalogueImport
    permission = EDIT
    template_name = "benefits/desk/reading.html"
    SHOWN = 200

    def act(self, form: Any) -> CatalogueImport:
        return actions.import_catalogue(self.actor, reading=self.object)

    def done(self) -> HttpResponseBase:
        found: CatalogueImport = self.result
        words = f"已入库：新增 {found.added} 项，修改 {found.changed} 项，没有变化 {found.same} 项。"
        messages.success(self.request, words)
        return redirect("desk_catalogue_import", found.pk)

    def context(self) -> dict[str, Any]:
        found: CatalogueImport = self.object
        return {
            "tabs": tabs("desk_catalogue", self.access),
            "faults": found.faults[: self.SHOWN],
            "tiles": [
                {"label": "新增", "value": found.added, "unit": "项"},
                {"label": "修改", "value": found.changed, "unit": "项"},
                {"label": "没有变化", "value": found.same, "unit": "项"},
                {"label": "有错误", "value": len(found.faults), "unit": "行", "hot": bool(found.faults)},
            ],
        }


class CatalogueFaults(Detail):
    """/desk/services/import/<pk>/errors/: the wrong rows as they were, with what is wrong."""

    model = CatalogueImport
    permission = EDIT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        book = catalogue_file.WORKSHEET.faults(self.object.faults)
        return download(book, f"服务目录错误行-{self.object.pk}.xlsx")
