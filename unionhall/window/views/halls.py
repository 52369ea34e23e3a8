"""Halls: the list, a hall's figures of today and its addresses, setting it up. The demonstration's card reader."""

import secrets
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Count, Model, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.views import Act, Create, Detail, List, Requires
from unionhall.kit.identifiers import resident_id_checksum

from .. import card_reader, figures, presenting
from ..actions import halls
from ..forms.reception import EditHallForm, KindForm, NewHallForm
from ..models import Counter, Hall, QueueKind

_WHY = "counters and queues of a hall that was loaded under scope"


class Halls(List):
    """/window/halls/."""

    model: ClassVar[type[Model]] = Hall
    permission = "window.view"
    template_name = "window/halls.html"

    def filtered(self) -> Any:
        manned = Count("counters", filter=Q(counters__account__isnull=False), distinct=True)
        return (
            self.get_queryset()
            .select_related("organisation", "node")
            .annotate(manned=manned, total=Count("counters", distinct=True))
        )

    def context(self) -> dict[str, Any]:
        return {"may_manage": bool(self.access.prefixes(halls.MANAGE))}


class HallPage(Detail):
    """/window/halls/<pk>/: today by queue, who sits where, the addresses of kiosk and board."""

    model: ClassVar[type[Model]] = Hall
    permission = "window.view"
    template_name = "window/hall.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "node")

    def context(self) -> dict[str, Any]:
        hall: Hall = self.object
        waits = {one.letter: one for one in figures.waits(hall, timezone.localdate())}
        kinds = list(QueueKind.objects.everywhere(reason=_WHY).filter(hall=hall))
        kiosk, board = (
            settings.SITE_ADDRESS + reverse(name, args=[hall.key])
            for name in ("window_kiosk", "window_board")
        )
        may_manage = self.actor.may(halls.MANAGE, *hall.organisation.paths)
        return {
            "queues": [(kind, waits.get(kind.letter)) for kind in kinds],
            "counters": list(
                Counter.objects.everywhere(reason=_WHY).filter(hall=hall).select_related("account")
            ),
            "may_manage": may_manage,
            "kiosk": kiosk,
            "board": board,
            "qr": presenting.qr(kiosk),
        }


class NewHall(Create):
    """/window/halls/new/."""

    permission = halls.MANAGE
    template_name = "window/hall_form.html"
    form_class = NewHallForm
    success_message = "服务大厅已开设。"

    def act(self, form: Any) -> Hall:
        given = form.cleaned_data
        return halls.open_hall(
            self.actor, organisation=given["union"], name=given["name"], place=given["place"],
            counters=given["counters"], node=given["node"],
        )  # fmt: skip

    def get_success_url(self) -> str:
        return reverse("window_hall", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        return {"heading": "开设服务大厅", "back": reverse("window_halls")}


class _Managing(Act):
    model: ClassVar[type[Model]] = Hall
    permission = halls.MANAGE
    template_name = "window/hall_form.html"
    heading = ""

    def get_success_url(self) -> str:
        return reverse("window_hall", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return {"heading": self.heading, "back": self.get_success_url()}


class EditHall(_Managing):
    form_class = EditHallForm
    success_message = "已保存。"
    heading = "修改服务大厅"

    def get_initial(self) -> dict[str, Any]:
        hall: Hall = self.object
        counters = Counter.objects.everywhere(reason=_WHY).filter(hall=hall).count()
        return {"name": hall.name, "place": hall.place, "is_open": hall.is_open, "counters": counters}

    def act(self, form: Any) -> Hall:
        return halls.change_hall(self.actor, hall=self.object, **form.cleaned_data)


class SaveKind(_Managing):
    form_class = KindForm
    success_message = "类别已保存。"
    heading = "排队类别"

    @cached_property
    def present(self) -> QueueKind | None:
        rows = QueueKind.objects.everywhere(reason=_WHY).filter(hall=self.object)
        return rows.filter(letter=self.request.GET.get("letter", "")).first()

    def get_initial(self) -> dict[str, Any]:
        one = self.present
        if one is None:
            return {}
        return {"letter": one.letter, "title": one.title, "note": one.note, "is_open": one.is_open}

    def act(self, form: Any) -> QueueKind:
        return halls.save_kind(self.actor, hall=self.object, **form.cleaned_data)


class RenewKey(_Managing):
    success_message = "取号屏和叫号屏的地址已更换，请重新打开。"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object  # noqa: B018
        return redirect(self.get_success_url())

    def act(self, form: Any) -> Hall:
        return halls.renew_key(self.actor, hall=self.object)


class MockReader(Requires):
    """/window/card-reader/: the demonstration's reader; each card that lies on it is somebody new. Elsewhere 404."""

    permission = "window.serve"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.DEMO or card_reader.address() != card_reader.MOCK:
            raise Http404
        day = 10 + secrets.randbelow(18)
        body = f"429900199{secrets.randbelow(10)}07{day}{secrets.randbelow(999):03d}"
        number = body + resident_id_checksum(body)
        birth = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        return JsonResponse(
            {
                "type": "01", "number": number, "name": secrets.choice(("示范甲", "示范乙", "示范丙")), "birth": birth,
                "sex": "1" if int(number[16]) % 2 else "2",
            }
        )  # fmt: skip
