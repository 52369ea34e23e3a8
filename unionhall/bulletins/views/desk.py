"""/desk/bulletins/: public notices of the union and those below, from draft to end."""

from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, List

from .. import actions, presenting
from ..addresses import desk_page, public_page
from ..forms import DeskFilter, NoticeForm, StopForm
from ..models import NoticeRow, Objection, PublicNotice
from ..purposes import GENERAL, UnknownPurpose, purpose, title_of

State = PublicNotice.State


class Notices(List):
    """/desk/bulletins/, latest first."""

    model = PublicNotice
    permission = "bulletins.view"
    template_name = "bulletins/desk_notices.html"
    filter_form = DeskFilter
    partials = ()

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, chosen = self.get_queryset().select_related("organisation"), self.chosen
        if text := chosen.get("q"):
            rows = rows.filter(Q(number=text.upper()) | Q(title__contains=text))
        return rows.filter(state=chosen["state"]) if "state" in chosen else rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        today, calendar = timezone.localdate(), working_calendar()
        found = Objection.objects.everywhere(reason="how many objections the shown notices have").open()
        open_ = dict(found.filter(notice__in=rows).values_list("notice").annotate(Count("pk")).order_by())
        return [
            {
                "notice": one,
                "purpose": title_of(one.purpose),
                "tone": presenting.TONES[one.state],
                "clock": presenting.clock(one, today, calendar),
                "objections": open_.get(one.pk, 0),
                "url": desk_page(one),
            }
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        return {
            "tabs": presenting.tabs("desk_notices", self.access),
            "may_publish": bool(presenting.places(self.access)),
        }


class New(Create):
    """/desk/bulletins/new/: a list that an officer pastes; it becomes a draft to be read once more."""

    model = PublicNotice
    permission = "bulletins.publish"
    template_name = "bulletins/act.html"
    form_class = NoticeForm
    success_message = "已存为草稿。核对无误后发布，发布当天起计算公示期。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"places": presenting.places(self.access)}

    def act(self, form: NoticeForm) -> PublicNotice:
        given = form.cleaned_data
        return actions.draft(
            self.actor,
            purpose=GENERAL,
            title=given["title"],
            lead=given["lead"],
            organisation=form.union(),
            rows=form.listed(),
            working_days=given["working_days"],
        )

    def get_success_url(self) -> str:
        return desk_page(self.result)

    def context(self) -> dict[str, Any]:
        return {
            "heading": "拟公示",
            "submit": "存为草稿",
            "lead": "补贴、帮扶等业务的公示由业务办理时自动生成；这里用来公示其他名单。",
            "back": reverse("desk_notices"),
            "list_url": reverse("desk_notices"),
            "list_label": "公示",
        }


class NoticePage(List):
    """/desk/bulletins/<pk>/: its list row by row, its objections, what can be done."""

    model = NoticeRow
    permission = "bulletins.view"
    template_name = "bulletins/desk_notice.html"
    ordering = "order"
    page_size = 50
    partials = ()

    @cached_property
    def notice(self) -> PublicNotice:
        rows = PublicNotice.objects.all().visible_to(self.access, to=self.permission)
        found = rows.select_related("organisation").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = NoticeRow.objects.everywhere(reason="the list of a notice that the reader may open")
        return rows.filter(notice=self.notice)

    def decorate(self, rows: list[Any]) -> list[Any]:
        try:
            link = purpose(self.notice.purpose).url
        except UnknownPurpose:
            link = None
        found = []
        for row in rows:
            row.notice = self.notice
            words, tone = row.get_state_display(), presenting.TONES[row.state]
            if row.state == NoticeRow.State.OPEN and row.paused_on is not None:
                words, tone = f"暂停，自 {row.paused_on:%m-%d} 起", "warn"
            elif self.notice.state == State.DRAFT:
                words, tone = "草稿", "mute"
            found.append({"row": row, "words": words, "tone": tone, "url": link(row) if link else ""})
        return found

    def context(self) -> dict[str, Any]:
        notice, today = self.notice, timezone.localdate()
        rows = Objection.objects.everywhere(reason="objections to a notice that the reader may open")
        publish = self.actor.may("bulletins.publish", *notice.organisation.paths)
        return {
            "notice": notice,
            "purpose": title_of(notice.purpose),
            "tone": presenting.TONES[notice.state],
            "clock": presenting.clock(notice, today, working_calendar()),
            "objections": [
                {"objection": one, "tone": "warn" if one.state == "open" else presenting.TONES[one.state]}
                for one in rows.filter(notice=notice).select_related("row").order_by("-pk")[:100]
            ],
            "may_settle": self.actor.may("bulletins.settle", *notice.organisation.paths),
            "may_release": publish and notice.state == State.DRAFT,
            "may_stop": publish and notice.is_running,
            "public_url": public_page(notice) if notice.state != State.DRAFT else "",
            "hindered": self.get_queryset().exclude(hindrance="").filter(state=NoticeRow.State.OPEN).count(),
        }


class OnNotice(Act):
    """A verb on a notice; the action locks it and asks again who may."""

    model = PublicNotice
    permission = "bulletins.publish"
    template_name = "bulletins/act.html"
    heading = submit = warning = ""

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_success_url(self) -> str:
        return desk_page(self.object)

    def context(self) -> dict[str, Any]:
        return {
            "heading": self.heading,
            "submit": self.submit,
            "warning": self.warning,
            "lead": self.object.title,
            "back": desk_page(self.object),
            "list_url": reverse("desk_notices"),
            "list_label": "公示",
        }


class Release(OnNotice):
    """/desk/bulletins/<pk>/release/."""

    heading, submit = "发布公示", "发布"
    warning = "发布后名单对所有人公开，从明天起计算公示工作日。发布后不能修改，只能终止。"
    success_message = "已发布。"

    def act(self, form: Any) -> PublicNotice:
        return actions.release(self.actor, notice=self.object)


class Discard(OnNotice):
    """/desk/bulletins/<pk>/discard/."""

    heading, submit = "删除草稿", "删除草稿"
    success_message = "已删除草稿。"

    def act(self, form: Any) -> None:
        actions.discard(self.actor, notice=self.object)

    def get_success_url(self) -> str:
        return reverse("desk_notices")


class Stop(OnNotice):
    """/desk/bulletins/<pk>/stop/."""

    form_class = StopForm
    heading, submit = "终止公示", "终止公示"
    warning = "终止后，公示中的各行都按没有通过处理，不能恢复。改正后请另行公示。"
    success_message = "已终止。"

    def act(self, form: StopForm) -> PublicNotice:
        if self.object.state == State.DRAFT:
            raise Refused("草稿不用终止，请直接删除。")
        return actions.stop(self.actor, notice=self.object, **form.cleaned_data)
