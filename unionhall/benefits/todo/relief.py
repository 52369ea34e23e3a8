"""Hardship relief in the one to-do list: what is late below the reader, and what he himself answers for."""

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.todo import Steps, Todo, ask, register

from ..hardship import WEEK, near
from ..models import HardshipFile


def of_files(request: HttpRequest) -> Steps:
    """Visits and verifications that are late or near, files to be publicised; one statement."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("benefits.relief_handle"):
        return
    today, url = timezone.localdate(), reverse("desk_relief")
    rows = HardshipFile.objects.visible_to(access, to="benefits.relief_handle")
    held = Q(stage__in=HardshipFile.IN_FORCE)
    found = yield ask(
        rows,
        late=Count("pk", filter=held & Q(visit_due__lt=today)),
        soon=Count("pk", filter=held & near("visit_due", WEEK)),
        verify=Count("pk", filter=held & Q(verify_due__lt=today)),
        public=Count("pk", filter=Q(stage=HardshipFile.Stage.CHECKED)),
        exits=Count("pk", filter=Q(stage=HardshipFile.Stage.EXIT_PROPOSED)),
    )
    yield Todo("困难走访已超期", found["late"], f"{url}?due=visit", unit="户", hot=True, order=20)
    yield Todo("困难走访一周内到期", found["soon"], f"{url}?due=visit_week", unit="户", order=20)
    yield Todo("困难档案复核已超期", found["verify"], f"{url}?due=verify", unit="户", hot=True, order=21)
    yield Todo("困难建档待公示", found["public"], f"{url}?stage=checked", unit="户", order=22)
    yield Todo("退出帮扶待公示", found["exits"], f"{url}?stage=exit_proposed", unit="户", order=23)


register(of_files)
