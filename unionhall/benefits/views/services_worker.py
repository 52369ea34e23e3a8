"""会员服务 on the phone: the catalogue by category, place and distance; vouchers; 好差评."""

from functools import cached_property
from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Detail, List
from unionhall.foundation.views.pages import Page
from unionhall.members.views.own import Own
from unionhall.network.rules.distance import metres_words
from unionhall.network.views.finding import ByDistance, Locating
from unionhall.organisations.models import Division

from .. import catalogue, voucher_codes
from ..actions import vouchers as actions
from ..forms.member_services import CatalogueFilter, RateForm, area_choices
from ..models import Outlet, Rating, Service, Voucher

_WHY = "outlets of the catalogue, which is offered to every worker"
TONES = {"issued": "ok", "redeemed": "info", "expired": "mute", "cancelled": "mute"}


class _Locating(Locating, Own):
    """A page that offers to look around the reader."""

    needs_person = False


class Catalogue(_Locating, ByDistance):
    """/m/benefits/services/: what is offered to me; the nearest first once I said where I am."""

    model = Service
    permission = SIGNED_IN
    template_name = "benefits/services/catalogue.html"
    ordering = "pk"

    @cached_property
    def today(self) -> Any:
        return timezone.localdate()

    @cached_property
    def form(self) -> CatalogueFilter:
        codes = Outlet.objects.everywhere(reason=_WHY).filter(is_open=True).values_list("division", flat=True)
        found = CatalogueFilter(self.request.GET or None, areas=area_choices(set(codes.distinct())))
        found.is_valid()
        return found

    @property
    def chosen(self) -> dict[str, Any]:
        return {name: value for name, value in super().chosen.items() if name not in ("within", "lat", "lon")}

    @cached_property
    def point(self) -> tuple[float, float, int] | None:
        given = getattr(self.form, "cleaned_data", {})
        if given.get("lat") is None or given.get("lon") is None:
            return None
        return given["lat"], given["lon"], given.get("within") or 10

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return catalogue.offered(self.known.pk if self.known else None, self.today)

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, chosen = self.get_queryset(), self.chosen
        if "q" in chosen:
            rows = rows.filter(Q(title__icontains=chosen["q"]) | Q(merchant__name__icontains=chosen["q"]))
        for name in ("category", "kind"):
            if name in chosen:
                rows = rows.filter(**{name: chosen[name]})
        places = Outlet.objects.everywhere(reason=_WHY).filter(is_open=True)
        if "station" in chosen:
            rows = rows.filter(places__outlet=chosen["station"])
        if "area" in chosen:
            there = places.filter(division__startswith=chosen["area"])
            rows = rows.filter(pk__in=there.values("offers__service"))
        if self.point is not None:
            rows = catalogue.near(rows, *self.point, to="places__outlet__")
        return rows.select_related("merchant")

    def decorate(self, rows: list[Any]) -> list[Any]:
        quotas = catalogue.quotas(rows, self.known.pk if self.known else None, self.today)
        return [
            {"service": one, "quota": quotas[one.pk], "far": metres_words(getattr(one, "metres", None))}
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        station = self.chosen.get("station")
        outlet = Outlet.objects.everywhere(reason=_WHY).filter(pk=station).first() if station else None
        return {
            "categories": Service.Category.choices,
            "category": self.chosen.get("category", ""),
            "point": self.point,
            "station": outlet,
        }


class Outlets(_Locating, Page):
    """/m/benefits/services/outlets/: outlets near me or in a county; each leads to what it gives."""

    permission = SIGNED_IN
    template_name = "benefits/services/outlets.html"
    SHOWN = 60

    def context(self) -> dict[str, Any]:
        rows = Outlet.objects.everywhere(reason=_WHY).filter(is_open=True)
        form = CatalogueFilter(
            self.request.GET or None,
            areas=area_choices(set(rows.values_list("division", flat=True).distinct())),
        )
        form.is_valid()
        given = getattr(form, "cleaned_data", {})
        if given.get("area"):
            rows = rows.filter(division__startswith=given["area"])
        lat, lon = given.get("lat"), given.get("lon")
        here = False
        if lat is not None and lon is not None:
            here = True
            rows = catalogue.near(rows, lat, lon, given.get("within") or 10).order_by("metres", "pk")
        else:
            rows = rows.order_by(F("node").asc(nulls_last=True), "division", "pk")
        found = list(rows.select_related("merchant", "node")[: self.SHOWN])
        names = Division.objects.filter(code__in={one.division[:6] for one in found})
        areas = dict(names.values_list("code", "name"))
        return {
            "form": form,
            "here": here,
            "rows": [
                {
                    "outlet": one, "area": areas.get(one.division[:6], ""),
                    "far": metres_words(getattr(one, "metres", None)),
                }
                for one in found
            ],
        }  # fmt: skip


class ServicePage(Own, Act):
    """/m/benefits/services/<pk>/: what, for whom, where; one press takes a voucher."""

    needs_person = False
    model = Service
    permission = SIGNED_IN
    template_name = "benefits/services/service.html"
    success_message = "已领取。到店出示券码即可使用。"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = catalogue.offered(self.known.pk if self.known else None, timezone.localdate())
        return rows.select_related("merchant__organisation")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.known is None:
            return redirect(f"{reverse('m_identity')}?next={request.path}")
        return super().post(request, *args, **kwargs)

    def act(self, form: Any) -> Voucher:
        return actions.take(self.actor, service=self.object, person=self.person)

    def get_success_url(self) -> str:
        return reverse("m_voucher", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        service, today, person = self.object, timezone.localdate(), self.known
        version = catalogue.version_for(person.pk if person else None, today)
        reasons = catalogue.judge(service, version, person.pk, today) if person else ()
        quota = catalogue.quotas([service], person.pk if person else None, today)[service.pk]
        audience = version.parameters.audience(service.audience)
        rows = Voucher.objects.owned_by(self.access).filter(service=service, state=Voucher.State.ISSUED)
        ratings = Rating.objects.everywhere(reason="what users said of a service, without their names")
        return {
            "known": person,
            "reasons": [{"met": one.met, "text": one.text} for one in reasons],
            "meant": bool(person) and all(one.met for one in reasons),
            "missing": [one.missing for one in reasons if one.missing],
            "quota": quota,
            "audience": audience.label if audience else "",
            "outlets": catalogue.outlets_of(service),
            "held": list(rows.filter(expires_on__gte=today).order_by("pk")),
            "days": version.parameters.voucher_days,
            "ratings": list(ratings.filter(service=service).exclude(words="").order_by("-pk")[:3]),
            "sold_out": service.left == 0,
        }


class MyVouchers(Own, List):
    """/m/benefits/vouchers/: those to use first; of each service what is left of the quota."""

    model = Voucher
    mine = True
    template_name = "benefits/services/vouchers.html"

    def filtered(self) -> ScopedQuerySet[Any]:
        return self.get_queryset().select_related("service__merchant", "outlet", "rating")

    def decorate(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        quotas = catalogue.quotas([one.service for one in rows], self.person.pk, today)
        return [shown(one, today) | {"quota": quotas[one.service_id]} for one in rows]

    def context(self) -> dict[str, Any]:
        today = timezone.localdate()
        good = self.filtered().filter(state=Voucher.State.ISSUED, expires_on__gte=today)
        return {"good": [shown(one, today) for one in good.order_by("expires_on", "pk")[:20]]}


def shown(voucher: Voucher, today: Any) -> dict[str, Any]:
    """A voucher as lists show it; one whose last day is over reads as expired before the night has noted it."""
    over = voucher.state == Voucher.State.ISSUED and not voucher.usable_on(today)
    state = Voucher.State.EXPIRED if over else Voucher.State(voucher.state)
    return {
        "voucher": voucher,
        "state": state.label,
        "tone": TONES[state],
        "usable": voucher.usable_on(today),
        "rated": getattr(voucher, "rating", None),
    }


class VoucherPage(Own, Detail):
    """/m/benefits/vouchers/<pk>/: QR and code, large; after use, what it was and the rating."""

    needs_person = False  # whose it is not, to him it does not exist
    model = Voucher
    mine = True
    template_name = "benefits/services/voucher.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset()
        return rows.select_related("service__merchant__organisation", "outlet", "rating", "person")

    def context(self) -> dict[str, Any]:
        voucher: Voucher = self.object
        found = shown(voucher, timezone.localdate())
        return found | {
            "picture": voucher_codes.picture(voucher) if found["usable"] else "",
            "outlets": catalogue.outlets_of(voucher.service) if found["usable"] else [],
        }


class _OnVoucher(Own, Act):
    needs_person = False
    model = Voucher
    mine = True

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = super().get_queryset()
        return rows.select_related("service__merchant__organisation", "person")

    def get_success_url(self) -> str:
        return reverse("m_voucher", args=[self.object.pk])


class CancelVoucher(_OnVoucher):
    """/m/benefits/vouchers/<pk>/cancel/: not needed after all."""

    template_name = "benefits/services/cancel.html"
    success_message = "已退券，次数已还给您。"

    def act(self, form: Any) -> None:
        actions.cancel(self.actor, voucher=self.object)


class RateVoucher(_OnVoucher):
    """/m/benefits/vouchers/<pk>/rate/: 好差评, once."""

    template_name = "benefits/services/rate.html"
    form_class = RateForm
    success_message = "谢谢您的评价。"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.state != Voucher.State.REDEEMED or hasattr(self.object, "rating"):
            return redirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def act(self, form: RateForm) -> Rating:
        return actions.rate(self.actor, voucher=self.object, **form.cleaned_data)
