"""/desk/settings/: what is set for everyone. The holiday table, by year."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import Holiday
from unionhall.foundation.views import Act, Create, Page, Update
from unionhall.foundation.views.pages import forbidden
from unionhall.foundation.widgets import DateInput
from unionhall.kit.text import number_of

from .. import calendar

WEEKDAYS = "一二三四五六日"


class Settings(Page):
    """The index of settings."""

    permission = calendar.PERMISSION
    template_name = "portal/settings.html"

    def context(self) -> dict[str, Any]:
        today = timezone.localdate()
        known = set(Holiday.objects.dates("day", "year"))
        return {
            "days": Holiday.objects.filter(day__year=today.year).count(),
            "year": today.year,
            # The State Council publishes the next year's table late in the year: say so when it is missing.
            "missing_next": today.month >= 11 and date(today.year + 1, 1, 1) not in known,
            "next_year": today.year + 1,
        }


class Holidays(Page):
    """One year's departures from Monday–Friday."""

    permission = calendar.PERMISSION
    template_name = "portal/holidays.html"

    @cached_property
    def year(self) -> int:
        asked = number_of(self.request.GET.get("year", ""))
        year = asked if asked is not None else timezone.localdate().year
        if not 2000 <= year <= 2100:
            raise Http404
        return year

    def context(self) -> dict[str, Any]:
        found = list(Holiday.objects.filter(day__year=self.year))
        works = sum(row.is_working_day for row in found)
        rows = [{"holiday": row, "weekday": f"星期{WEEKDAYS[row.day.weekday()]}"} for row in found]

        years = sorted(
            {day.year for day in Holiday.objects.dates("day", "year")}
            | {self.year, timezone.localdate().year}
        )
        recent = [year for year in years if abs(year - timezone.localdate().year) <= 4 or year == self.year]
        return {
            "rows": rows,
            "year": self.year,
            "tabs": [
                {"label": f"{year}年", "url": f"?year={year}", "current": year == self.year}
                for year in recent
            ],
            "may_change": calendar.may_change(self.actor),
            "off": len(rows) - works,
            "works": works,
        }


class HolidayForm(forms.Form):
    day = forms.DateField(label="日期", widget=DateInput())
    is_working_day = forms.TypedChoiceField(
        label="这一天",
        choices=[("0", "放假"), ("1", "调休上班")],
        coerce=lambda text: text == "1",
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label="名称", max_length=40, help_text="例如：春节、国庆节调休上班")


class ChangeForm(HolidayForm):
    day = None  # type: ignore[assignment]


class _Changing(Page):
    """Only those who hold the permission over the whole federation get as far as the form."""

    def get_success_url(self) -> str:
        return f"{reverse('desk_holidays')}?year={self.chosen_year()}"

    def chosen_year(self) -> int:
        return int(self.kwargs["pk"][:4])

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not calendar.may_change(self.actor):
            return forbidden(request, calendar.PERMISSION)
        return super()._guarded(request, *args, **kwargs)


class HolidayCreate(_Changing, Create):
    permission = calendar.PERMISSION
    form_class = HolidayForm
    template_name = "portal/holiday.html"
    success_message = "已登记。"
    initial = {"is_working_day": "0"}

    def chosen_year(self) -> int:
        return int(self.result.day.year)

    def act(self, form: Any) -> Holiday:
        return calendar.add(self.actor, **form.cleaned_data)


class _OneDay(_Changing):
    permission = calendar.PERMISSION
    template_name = "portal/holiday.html"

    @cached_property
    def object(self) -> Holiday:
        try:
            return Holiday.objects.get(pk=date.fromisoformat(self.kwargs["pk"]))
        except (Holiday.DoesNotExist, ValueError) as missing:
            raise Http404 from missing


class HolidayUpdate(_OneDay, Update):
    model = Holiday
    form_class = ChangeForm
    success_message = "已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {"is_working_day": "1" if self.object.is_working_day else "0", "name": self.object.name}

    def act(self, form: Any) -> Holiday:
        return calendar.change(self.actor, holiday=self.object, **form.cleaned_data)


class HolidayRemove(_OneDay, Act):
    model = Holiday
    template_name = "portal/holiday_remove.html"
    success_message = "已删除，这一天按平常的工作日或周末计算。"

    def act(self, form: Any) -> None:
        calendar.remove(self.actor, holiday=self.object)
