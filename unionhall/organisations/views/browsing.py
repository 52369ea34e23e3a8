"""The list of unions, one union, and what stands below it: today or as of a day."""

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import urlencode

from unionhall.foundation.panels import panels
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Detail, List
from unionhall.kit.dates import is_of_our_time
from unionhall.records.models import JournalEntry

from .. import clock, divisions, forms, parameters, paths
from ..kinds import BASE_KINDS, SHAPES, Chain, Kind, Level, Status
from ..models import Naming, Organisation, Placement
from ..rules import TermState
from ..subtrees import Subtree

TONES = {TermState.GREEN: "ok", TermState.AMBER: "warn", TermState.RED: "bad", TermState.NONE: "mute"}


class AsOf:
    """A page that can be asked as of a day: `?on=2025-12-31`. None is today; 404 for what is no day of our time."""

    request: Any

    @cached_property
    def day(self) -> date | None:
        text = self.request.GET.get("on", "")
        if not text:
            return None
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None or not is_of_our_time(day):
            raise Http404
        return None if day >= timezone.localdate() else day

    @property
    def shown_day(self) -> date:
        return self.day or timezone.localdate()

    @property
    def day_query(self) -> str:
        return f"?on={self.day:%Y-%m-%d}" if self.day else ""


class OrganisationList(AsOf, List):
    """/desk/orgs/"""

    model = Organisation
    permission = "organisations.view"
    template_name = "organisations/list.html"
    filter_form = forms.OrganisationFilter
    ordering = "path"
    offer_place = "organisation.list"

    @cached_property
    def day(self) -> date | None:
        on = self.chosen.get("on")
        return on if on is not None and on < timezone.localdate() else None

    def filtered(self) -> ScopedQuerySet[Any]:
        rows: Any = self.get_queryset()
        chosen = self.chosen
        if self.day:
            rows = rows.existing_on(self.day)
        if "status" in chosen:
            rows = rows.filter(status=chosen["status"])
        elif not self.day:
            rows = rows.active()
        if "q" in chosen:
            rows = self._named(rows, chosen["q"])
        if chosen.get("kind") == "base":
            rows = rows.filter(kind__in=BASE_KINDS)
        elif "kind" in chosen:
            rows = rows.filter(kind=chosen["kind"])
        if "level" in chosen:
            rows = rows.filter(level=chosen["level"])
        if chosen.get("chain") == Chain.INDUSTRY:
            rows = rows.exclude(second_path="")
        rows = self._below(rows)
        rows = clock.with_term_end(rows, self.shown_day)
        return clock.in_state(rows, chosen["term"], self.shown_day) if "term" in chosen else rows

    def _named(self, rows: Any, text: str) -> Any:
        """By name today; as of a day also by the name it bore then."""
        if not self.day:
            return rows.named(text)
        then = Naming.objects.everywhere(reason="former names of unions that the list already scopes")
        bore = then.filter(name__contains=text, period__contains=self.day).values("organisation")
        return rows.filter(Q(pk__in=bore) | Q(code=text) | Q(uscc=text.upper()))

    def _below(self, rows: Any) -> Any:
        text = self.chosen.get("under")
        if not text:
            return rows
        top = self.get_queryset().filter(Q(code=text.strip().upper()) | Q(name=text.strip())).first()
        return rows.filter(Subtree(top, self.day).q()) if top is not None else rows.none()

    def decorate(self, rows: list[Any]) -> list[Any]:
        names, parents = {}, {}
        if self.day:
            then = Naming.objects.everywhere(reason="names on the day of rows already scoped")
            then = then.filter(organisation__in=rows, period__contains=self.day)
            names = dict(then.values_list("organisation_id", "name"))
        placed = Placement.objects.everywhere(reason="superiors of rows already scoped")
        placed = placed.filter(organisation__in=rows, chain=Chain.REGION, period__contains=self.shown_day)
        parents = dict(placed.values_list("organisation_id", "parent__name"))
        remarks = parameters.remarks(self.access, rows, self.shown_day)
        for row in rows:
            row.remarks = remarks.get(row.pk, [])
            row.shown_name = names.get(row.pk, row.name)
            row.parent_name = parents.get(row.pk) or "—"
            row.clock = clock.read(row.term_end, self.shown_day, row.division)
            row.clock_tone = TONES[row.clock.state]
            row.status_tone = status_tone(row.status)
            row.kind_words = kind_words(row)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            day=self.day,
            day_query=self.day_query,
            may_establish=bool(self.access.prefixes("organisations.reorganise")),
            **kwargs,
        )


def status_tone(status: str) -> str:
    return {Status.ACTIVE: "ok", Status.PREPARING: "info", Status.SUSPENDED: "warn"}.get(
        Status(status), "mute"
    )


def kind_words(one: Organisation) -> str:
    """The kind, with the level before it where the kind leaves it open: 市级 产业工会."""
    if len(SHAPES[one.kind].levels) == 1:
        return str(one.get_kind_display())
    return f"{Level(one.level).label} {one.get_kind_display()}"


def address(name: str, **query: Any) -> str:
    """The address of a page of another room, or "" while that room has none."""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode(query)}" if query else url


class OrganisationDetail(AsOf, Detail):
    """/desk/orgs/<code>/"""

    model = Organisation
    slug_field = "code"
    permission = "organisations.view"
    template_name = "organisations/detail.html"
    offer_place = "organisation.detail"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().select_related("parent", "industry_parent")

    def context(self) -> dict[str, Any]:
        one, day = self.object, self.shown_day
        placed = {
            row.chain: row for row in one.placements.filter(period__contains=day).select_related("parent")
        }
        named = one.namings.filter(period__contains=day).values_list("name", flat=True).first()
        children = self._children(placed)
        above = self._chain(placed.get(Chain.REGION))
        term = one.terms.filter(period__startswith__lte=day).order_by("-number").first()
        standing = one.status in {Status.ACTIVE, Status.SUSPENDED}
        reading = clock.read(term.period.upper if term else None, day, one.division)
        return {
            "day": self.day,
            "day_query": self.day_query,
            "existed": day in one.existence,
            "name_then": named or one.name,
            "status_tone": status_tone(one.status),
            "facts": self._facts(placed),
            "crumb_chain": above,
            "seen": {row.pk for row in above if self.actor.may("organisations.view", *row.paths)},
            "industry_chain": self._chain(placed.get(Chain.INDUSTRY)),
            "children": children,
            "followers": placed.get(Chain.INDUSTRY) or one.kind == Kind.INDUSTRY,
            "terms": list(one.terms.order_by("-number")),
            "clock": reading,
            "clock_tone": TONES[reading.state],
            "coverages": list(one.coverages.filter(period__contains=day).select_related("employer")),
            "namings": list(one.namings.filter(period__isempty=False).order_by("period")),
            "history": history(one),
            "remarks": parameters.remarks(self.access, [one], day).get(one.pk, []) if standing else [],
            "figures": panels("organisation.figures", self.request, one, self.day),
            "panels": panels("organisation.detail", self.request, one, self.day),
            "journal": self._journal(),
            "may": self._may(),
            "members_url": self._beyond("desk_members", "members.view"),
            "figures_url": self._beyond("desk_figures", "organisations.figures"),
        }

    def _beyond(self, name: str, permission: str) -> str:
        """The page of another room about this union; "" for who may not see it."""
        if not self.actor.may(permission, *self.object.paths):
            return ""
        return address(name, under=self.object.code, **({"on": self.day} if self.day else {}))

    def _may(self) -> dict[str, bool]:
        one = self.object
        if one.status in {Status.DISSOLVED, Status.MERGED}:
            return {}
        above = one.parent.paths if one.parent else ("",)
        return {
            "edit": self.actor.may("organisations.edit", *one.paths),
            "terms": self.actor.may("organisations.terms", *one.paths),
            "reorganise": self.actor.may("organisations.reorganise", *above),
            "establish": self.actor.may("organisations.reorganise", *one.paths),
        }

    def _facts(self, placed: dict[str, Placement]) -> list[dict[str, Any]]:
        one = self.object
        region, industry = placed.get(Chain.REGION), placed.get(Chain.INDUSTRY)
        found = [
            ("组织代码", one.code),
            ("统一社会信用代码", one.uscc),
            ("类别", one.get_kind_display()),
            ("层级", one.get_level_display()),
            ("组织形式", one.get_form_display()),
            ("行政区划", divisions.names(one.division) or one.division),
            ("上级工会", region.parent.name if region and region.parent else None),
            ("上级产业工会", industry.parent.name if industry and industry.parent else None),
            ("成立日期", _founded(one)),
            ("法人资格证号", one.legal_certificate),
            ("法人资格有效期至", one.legal_certificate_until and f"{one.legal_certificate_until:%Y-%m-%d}"),
            ("办公电话", one.telephone),
            ("地址", one.address),
            ("接收单位未建会的职工", "是" if one.accepts_individuals else "否"),
        ]
        if one.existence.upper:
            found.append(("终止日期", f"{one.existence.upper:%Y-%m-%d}"))
        return [{"label": label, "value": value} for label, value in found]

    def _chain(self, placement: Placement | None) -> list[Organisation]:
        """The unions above, highest first, as they stand on the path of the day. Names only: that much is public."""
        if placement is None:
            return []
        rows = Placement.objects.everywhere(reason="the names of the unions above one that is seen")
        prefixes = paths.above(placement.path)
        rows = rows.filter(path__in=prefixes, period__contains=self.shown_day).select_related("organisation")
        found = {row.path: row.organisation for row in rows}
        return [found[prefix] for prefix in prefixes if prefix in found]

    def _children(self, placed: dict[str, Placement]) -> list[dict[str, Any]]:
        """The unions directly below on the day, with how many stand below each: two queries however many."""
        one, day = self.object, self.shown_day
        rows = Placement.objects.visible_to(self.access).filter(parent=one, period__contains=day)
        rows = rows.select_related("organisation").order_by("chain", "path")
        found = list(rows[:500])
        if not found:
            return []
        below = Placement.objects.visible_to(self.access).filter(
            parent__in=[row.organisation_id for row in found], period__contains=day
        )
        counts = dict(
            below.values("parent").annotate(n=Count("organisation", distinct=True)).values_list("parent", "n")
        )
        names = dict(
            Naming.objects.everywhere(reason="names on the day of rows already scoped")
            .filter(organisation__in=[row.organisation_id for row in found], period__contains=day)
            .values_list("organisation_id", "name")
        )
        seen: set[int] = set()
        result = []
        for row in found:
            if row.organisation_id in seen:
                continue
            seen.add(row.organisation_id)
            child = row.organisation
            result.append(
                {
                    "name": names.get(child.pk, child.name),
                    "url": reverse("desk_org", args=[child.code]) + self.day_query,
                    "kind": kind_words(child),
                    "chain": Chain(row.chain).label,
                    "status": child.get_status_display(),
                    "tone": status_tone(child.status),
                    "below": counts.get(child.pk, 0),
                }
            )
        return result

    def _journal(self) -> list[JournalEntry]:
        """What was done to it, for those who may read the journal."""
        rows = JournalEntry.objects.visible_to(self.access)
        return list(rows.about(self.object).order_by("-id")[:20])


def _founded(one: Organisation) -> str:
    """A union that was ended on the day of its founding existed on no day."""
    return "当天成立、当天终止" if one.existence.isempty else f"{one.existence.lower:%Y-%m-%d}"


def history(one: Organisation) -> list[dict[str, Any]]:
    """Its past from the periods themselves, latest first: [{at, what, who}] for the timeline."""
    found: list[tuple[date, str, str]] = []
    if not one.existence.isempty:
        found.append((one.existence.lower, "成立", one.name))
    for naming in one.namings.filter(period__isempty=False):
        if naming.period.lower != one.existence.lower:
            found.append((naming.period.lower, "更名为", naming.name))
        else:
            found[0] = (one.existence.lower, "成立，名为", naming.name)
    for row in one.placements.filter(period__isempty=False).select_related("parent"):
        if row.parent is not None and row.period.lower != one.existence.lower:
            verb = "改隶于" if row.chain == Chain.REGION else "加入产业链，上级为"
            found.append((row.period.lower, verb, row.parent.name))
    found += [(term.period.lower, "开始任期", str(term)) for term in one.terms.filter(period__isempty=False)]
    for coverage in one.coverages.filter(period__isempty=False).select_related("employer")[:50]:
        found.append((coverage.period.lower, "覆盖", coverage.employer.name))
        if coverage.period.upper:
            found.append((coverage.period.upper, "不再覆盖", coverage.employer.name))
    for ahead in one.successions.select_related("successor"):
        found.append((ahead.on, "并入" if ahead.cause == "merge" else "分出", ahead.successor.name))
    for behind in one.predecessions.select_related("organisation"):
        found.append((behind.on, "并入了" if behind.cause == "merge" else "分立自", behind.organisation.name))
    if one.status == Status.DISSOLVED and one.existence.upper:
        found.append((one.existence.upper, "撤销", ""))
    found.sort(key=lambda item: item[0], reverse=True)
    return [{"at": day, "what": what, "who": name} for day, what, name in found]
