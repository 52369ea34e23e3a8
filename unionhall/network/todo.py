"""The network in the one to-do list: items at this very desk, nodes that wait for a superior's acceptance."""

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.todo import Steps, Todo, ask, register

from .models import GridItem

HANDLE = "network.grid_handle"


def of_items(request: HttpRequest) -> Steps:
    """What came to the union in which the reader's grant stands, not to those below it; one statement."""
    access = request.access  # type: ignore[attr-defined]
    prefixes = [path for path in access.prefixes(HANDLE) if path]
    if not prefixes:
        return
    url = f"{reverse('desk_grid_items')}?mine=on"
    rows = GridItem.objects.visible_to(access, to=HANDLE).open().filter(organisation__path__in=prefixes)
    late = Q(due_on__lt=timezone.localdate())
    found = yield ask(rows, late=Count("pk", filter=late), waiting=Count("pk", filter=~late))
    yield Todo("网格事项已超期", found["late"], f"{url}&late=on", hot=True, order=25)
    yield Todo("网格事项待处理", found["waiting"], url, order=25)


register(of_items)
