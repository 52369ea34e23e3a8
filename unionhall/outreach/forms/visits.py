"""Forms of a visit: plan or record it, add whom it goes to, write it up."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.widgets import DateInput, FileDrop
from unionhall.organisations.models import Organisation
from unionhall.records.uploads import cleaned

from .. import choosing
from ..actions.holding import Target
from ..models import ContactPoint, Visit, VisitStop


def area(label: str, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **more)


def lines(label: str, help_text: str) -> forms.CharField:
    return area(label, 2, required=False, max_length=8000, help_text=help_text)


class TargetsForm(forms.Form):
    """Whom a visit goes to: one's contact points with a tick, others line by line."""

    wants_actor = True
    points = forms.TypedMultipleChoiceField(
        label="我的联系点", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    firms = lines("企业", "每行一家，填名称或统一社会信用代码")
    people = lines("职工家庭", "每行一位，填姓名或会员号")
    unions = lines("工会", "每行一个，填组织代码或全称")

    def __init__(
        self, *args: Any, actor: Actor, points: Sequence[ContactPoint], names: dict[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.known = actor, {one.pk: one for one in points}
        if points:
            self.fields["points"].choices = [(one.pk, names[one.pk]) for one in points]  # type: ignore[attr-defined]
        else:
            del self.fields["points"]

    def _typed(self, name: str, found: Any) -> Any:
        try:
            return found()
        except choosing.Mistyped as wrong:
            for sentence in wrong.sentences:
                self.add_error(name, sentence)
            return []

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        targets = [
            Target(**{known.kind: getattr(known, known.kind)})
            for pk in given.get("points", ())
            if (known := self.known.get(pk)) is not None
        ]
        targets += [
            Target(employer=one)
            for one in self._typed("firms", lambda: choosing.firms(given.get("firms", "")))
        ]
        targets += [
            Target(person=one)
            for one in self._typed("people", lambda: choosing.people(self.actor, given.get("people", "")))
        ]
        targets += [
            Target(union=one)
            for one in self._typed(
                "unions", lambda: choosing.unions(self.actor.access, given.get("unions", ""))
            )
        ]
        given["targets"] = list(dict.fromkeys(targets))
        return given


class StopsForm(TargetsForm):
    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not given["targets"] and not self.errors:
            raise forms.ValidationError("请至少填写一个走访对象。")
        return given


class VisitForm(TargetsForm):
    """A visit to come, or one that was made. On a phone every field is a line of its own."""

    organisation = forms.TypedChoiceField(label="走访工会", coerce=int)
    kind = forms.ChoiceField(label="方式", choices=Visit.Kind.choices, widget=forms.RadioSelect)
    on = forms.DateField(label="日期", widget=DateInput())
    done = forms.BooleanField(label="已经走访，现在补记", required=False)
    at = forms.TimeField(
        label="几点", required=False, widget=forms.TimeInput(attrs={"type": "time"}),
        help_text="选填。补记以前的走访时填写，用来核对必访任务是否按时",
    )  # fmt: skip
    venue = forms.CharField(label="地点", max_length=120, required=False)
    participants = forms.TypedMultipleChoiceField(
        label="走访人员", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择至少一名走访人员。"},
    )  # fmt: skip
    field_order = (
        "organisation", "kind", "on", "done", "at", "venue", "participants", "points", "firms", "people", "unions",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        unions: Sequence[Organisation],
        colleagues: dict[int, tuple[Account, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.unions_known = {one.pk: one for one in unions}
        self.colleagues = colleagues
        place: Any = self.fields["organisation"]
        place.choices = [(one.pk, one.name) for one in unions]
        if len(unions) == 1:
            place.widget, place.initial = forms.HiddenInput(), unions[0].pk
        who: Any = self.fields["participants"]
        who.choices = [(pk, words) for pk, (_, words) in colleagues.items()]
        self.initial.setdefault("on", timezone.localdate())

    def clean_organisation(self) -> Organisation:
        return self.unions_known[self.cleaned_data["organisation"]]

    def clean_participants(self) -> list[Account]:
        return [self.colleagues[pk][0] for pk in dict.fromkeys(self.cleaned_data["participants"])]


class DoneForm(forms.Form):
    at = forms.TimeField(
        label="几点", required=False, widget=forms.TimeInput(attrs={"type": "time"}),
        help_text="今天走访的可以不填",
    )  # fmt: skip
    latitude = forms.DecimalField(
        required=False, max_digits=6, decimal_places=3, min_value=-90, max_value=90, widget=forms.HiddenInput
    )
    longitude = forms.DecimalField(
        required=False,
        max_digits=6,
        decimal_places=3,
        min_value=-180,
        max_value=180,
        widget=forms.HiddenInput,
    )


class WriteForm(forms.Form):
    """A summary, and for each stop the workers met and a line."""

    summary = area("走访情况", 5, max_length=2000, help_text="不要写身份证号、手机号；写了会自动隐去")

    def __init__(self, *args: Any, stops: Sequence[tuple[VisitStop, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stops = stops
        for stop, name in stops:
            if stop.person_id is None:
                self.fields[f"met_{stop.pk}"] = forms.IntegerField(
                    label=f"{name}：见到职工（人）", min_value=0, max_value=99999, initial=stop.workers_met
                )
            self.fields[f"note_{stop.pk}"] = forms.CharField(
                label=f"{name}：情况", max_length=500, required=False, initial=stop.note
            )

    def met(self) -> dict[int, int]:
        return {
            stop.pk: self.cleaned_data[f"met_{stop.pk}"]
            for stop, _ in self.stops
            if f"met_{stop.pk}" in self.fields
        }

    def notes(self) -> dict[int, str]:
        return {stop.pk: self.cleaned_data[f"note_{stop.pk}"] for stop, _ in self.stops}


class DayForm(forms.Form):
    on = forms.DateField(label="改到哪一天", widget=DateInput())


class ReasonForm(forms.Form):
    reason = area("原因", 2, max_length=200)


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label="照片", widget=FileDrop("拍照或选择照片", "JPG、PNG，10 MB 以内；照片里的位置信息会去掉")
    )

    def clean_photo(self) -> Any:
        return cleaned(self.cleaned_data["photo"])


def colleagues_of(actor: Actor, unions: Sequence[Organisation]) -> dict[int, tuple[Account, str]]:
    """Cadres of the actor's unions, himself first."""
    from ..cadres import holders

    found: dict[int, tuple[Account, str]] = {}
    several = len(unions) > 1
    grants = holders([one.path for one in unions])
    for grant in sorted(grants, key=lambda one: one.account_id != actor.account_id):
        name = grant.account.display_name
        found[grant.account_id] = (grant.account, f"{name}　{grant.organisation.name}" if several else name)
    return found
