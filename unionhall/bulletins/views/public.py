"""/notices/: what stands in public, its list, its paper form, its feed."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from unionhall.foundation.models import working_calendar
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import List, Page, Requires

from .. import presenting
from ..addresses import public_page
from ..forms import PublicFilter
from ..models import NoticeRow, PublicNotice
from ..purposes import title_of

State = PublicNotice.State
_RUNNING = (State.PUBLICISED, State.SUSPENDED)
_WHY = "what was put in public is everybody's"
FEED_LENGTH = 30
#: As many as a printed list may hold; longer ones are printed from the page, part by part.
PRINTED = 5_000


def released() -> ScopedQuerySet[PublicNotice]:
    return (
        PublicNotice.objects.everywhere(reason=_WHY).exclude(state=State.DRAFT).select_related("organisation")
    )


class Notices(List):
    """/notices/, latest first."""

    model = PublicNotice
    permission = EVERYONE
    template_name = "bulletins/public_notices.html"
    filter_form = PublicFilter
    partials = ()

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return released()

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, chosen = self.get_queryset(), self.chosen
        if text := chosen.get("q"):
            rows = rows.filter(Q(title__contains=text) | Q(organisation__name__contains=text))
        if state := chosen.get("state"):
            rows = rows.filter(state__in=_RUNNING) if state == "running" else rows.exclude(state__in=_RUNNING)
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        today, calendar = timezone.localdate(), working_calendar()
        return [
            {
                "notice": one,
                "purpose": title_of(one.purpose),
                "tone": presenting.TONES[one.state],
                "clock": presenting.clock(one, today, calendar),
                "url": public_page(one),
            }
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        return {"tabs": presenting.public_tabs("public_notices")}


class OneNotice(Requires):
    """Shared by pages about one notice: public ones only, and by number."""

    permission = EVERYONE
    kwargs: dict[str, Any]

    @cached_property
    def notice(self) -> PublicNotice:
        found = released().filter(number=self.kwargs["slug"]).first()
        if found is None:
            raise Http404
        return found

    def rows(self) -> ScopedQuerySet[NoticeRow]:
        """Its list, as long as that is public."""
        rows = NoticeRow.objects.everywhere(reason=_WHY).filter(notice=self.notice)
        return rows if presenting.names_shown(self.notice) else rows.none()


def shown(notice: PublicNotice) -> dict[str, Any]:
    """What every page about a notice says of it."""
    return {
        "notice": notice,
        "purpose": title_of(notice.purpose),
        "tone": presenting.TONES[notice.state],
        "clock": presenting.clock(notice, timezone.localdate(), working_calendar()),
        "names_shown": presenting.names_shown(notice),
        "names_days": presenting.NAMES_DAYS,
    }


class NoticePage(OneNotice, List):
    """/notices/<number>/: the list and how to object."""

    model = NoticeRow
    template_name = "bulletins/public_notice.html"
    ordering = "order"
    page_size = 50
    partials = ()

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return self.rows()

    def decorate(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        return [presenting.public_row(row, self.notice, today) for row in rows]

    def context(self) -> dict[str, Any]:
        return shown(self.notice) | {"may_object": self.notice.is_running}


class NoticePrint(OneNotice, Page):
    """/notices/<number>/print/: for the board at the gate."""

    template_name = "bulletins/notice_print.html"

    def context(self) -> dict[str, Any]:
        today = timezone.localdate()
        rows = self.rows().exclude(state=NoticeRow.State.REMOVED).order_by("order")[: PRINTED + 1]
        listed = [presenting.public_row(row, self.notice, today) for row in rows]
        return shown(self.notice) | {
            "rows": listed[:PRINTED],
            "cut": len(listed) > PRINTED,
            "printed": PRINTED,
        }


class Feed(Requires):
    """/notices/feed/: Atom; titles, dates and unions, never a name."""

    permission = EVERYONE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        site = settings.SITE_ADDRESS
        feed = Atom1Feed(
            title="公示公告", link=f"{site}{reverse('public_notices')}", description="工会公示", language="zh-CN",
            feed_url=f"{site}{reverse('public_notices_feed')}", feed_guid=f"{site}{reverse('public_notices')}",
        )  # fmt: skip
        for one in released().order_by("-pk")[:FEED_LENGTH]:
            feed.add_item(
                title=one.title,
                link=f"{site}{public_page(one)}",
                description=(
                    f"{one.organisation.name}　{one.starts:%Y-%m-%d} 至 {one.ends:%Y-%m-%d}　{one.get_state_display()}"
                ),
                pubdate=one.made_at,
                updateddate=one.closed_at or one.made_at,
                author_name=one.organisation.name,
                unique_id=f"{site}{public_page(one)}",
            )
        return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
