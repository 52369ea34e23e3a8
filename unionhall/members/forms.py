"""Forms of members' pages: the list's filters, registering, editing, revealing."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.widgets import DateInput
from unionhall.kit.codes import (
    EDUCATION,
    EMPLOYMENT_FORM,
    EMPLOYMENT_STATUS,
    ETHNICITY,
    HUKOU_TYPE,
    POLITICAL_STATUS,
    SKILL_LEVEL,
    Sex,
)
from unionhall.organisations.kinds import SHAPES
from unionhall.organisations.models import Organisation

from . import documents
from .finding import NOTHING_ENTERED, SearchedNumber, looks_like_number
from .indicators import AGE_BANDS
from .models import Membership

ANY = [("", "全部")]
UNKNOWN = [("", "未登记")]
SEXES = [("1", "男"), ("2", "女")]
#: Asks for those in whose record nothing (or nothing that is known) stands.
NOT_ENTERED = [(NOTHING_ENTERED, "未填")]
AGES = [(code, label) for code, label, *_ in AGE_BANDS]
WITH_MEMBERS = [kind for kind, shape in SHAPES.items() if shape.has_members]


class UnionField(forms.CharField):
    """A union by its code or exact name, among those where `permission` is held; a short list becomes a choice."""

    LISTED = 60

    def __init__(self, *, permission: str, with_members: bool = False, **kwargs: Any) -> None:
        self.permission, self.with_members = permission, with_members
        self.actor: Actor | None = None
        super().__init__(**kwargs)

    def rows(self) -> Any:
        assert self.actor is not None, "call for_actor first"
        rows = Organisation.objects.visible_to(self.actor.access, to=self.permission).active()
        return rows.filter(kind__in=WITH_MEMBERS) if self.with_members else rows

    def for_actor(self, actor: Actor, *, listed: bool = False) -> None:
        """Bind to whoever looks; `listed` turns the text box into a list when there are few unions."""
        self.actor = actor
        if not listed:
            return
        found = list(self.rows().in_tree_order().values_list("code", "name")[: self.LISTED + 1])
        if len(found) <= self.LISTED:
            head = [] if len(found) == 1 else [("", "请选择工会")]
            self.widget = forms.Select(choices=head + found)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = list(self.rows().filter(Q(code=text) | Q(name=text))[:2])
        if not found:
            raise ValidationError("没有找到这个工会，或不在您的管理范围内。请填写组织代码或全称。")
        if len(found) > 1:
            raise ValidationError("有多个工会叫这个名称，请填写组织代码。")
        return found[0]


class AgeField(forms.ChoiceField):
    """`25-34` or `55-`: any numbers, so that a link from a chart may ask its own band."""

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        if text == NOTHING_ENTERED:
            return text
        match = re.fullmatch(r"(\d{1,3})-(\d{0,3})", text)
        high = int(match[2]) if match and match[2] else None
        if not match or (high is not None and not int(match[1]) <= high <= 150):
            raise ValidationError("年龄段应写成 25-34 这样的格式。")
        return int(match[1]), high


class MemberFilter(forms.Form):
    """The list's filters, all of them in the address. Numbers are not: they are searched by another form."""

    folded = ("sex", "age", "education", "status", "form", "migrant", "new_form")

    q = forms.CharField(
        label="姓名",
        required=False,
        max_length=50,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "姓名或拼音首字母", "autocomplete": "off"}
        ),
    )
    under = UnionField(
        label="工会",
        required=False,
        permission="members.view",
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": "组织代码或全称"}),
    )
    standing = forms.ChoiceField(label="会籍", required=False, choices=ANY + Membership.Standing.choices)
    sex = forms.ChoiceField(label="性别", required=False, choices=ANY + Sex.choices() + NOT_ENTERED)
    age = AgeField(label="年龄", required=False, choices=ANY + AGES + NOT_ENTERED)
    education = forms.ChoiceField(
        label="学历", required=False, choices=ANY + EDUCATION.choices() + NOT_ENTERED
    )
    status = forms.ChoiceField(
        label="就业状况", required=False, choices=ANY + EMPLOYMENT_STATUS.choices() + NOT_ENTERED
    )
    form = forms.ChoiceField(
        label="用工形式", required=False, choices=ANY + EMPLOYMENT_FORM.choices() + NOT_ENTERED
    )
    migrant = forms.ChoiceField(
        label="农民工", required=False, choices=[*ANY, ("1", "只看农民工"), ("0", "不看农民工")]
    )
    new_form = forms.ChoiceField(label="新就业形态", required=False, choices=[*ANY, ("1", "只看新就业形态")])
    on = forms.DateField(label="截至日期", required=False, widget=DateInput({"placeholder": "今天"}))
    batch = forms.IntegerField(required=False, widget=forms.HiddenInput)
    found = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        union = self.fields["under"]
        assert isinstance(union, UnionField)
        union.for_actor(actor)

    def clean_q(self) -> str:
        text = str(self.cleaned_data["q"]).strip()
        if looks_like_number(text):
            raise ValidationError("证件号和手机号请用“按号码查找”，不要写在姓名里。")
        return text

    def clean_on(self) -> date | None:
        day: date | None = self.cleaned_data["on"]
        if day is not None and day > timezone.localdate():
            raise ValidationError("截至日期不能晚于今天。")
        return day

    def clean_found(self) -> SearchedNumber | None:
        token = self.cleaned_data["found"]
        if not token:
            return None
        found = SearchedNumber.from_token(token, self.actor.account_id)
        if found is None:
            raise ValidationError("查找结果已失效，请重新输入号码查找。")
        return found


class NumberSearch(forms.Form):
    """An exact search by ID, phone, member or card number: posted, never in the address."""

    number = forms.CharField(
        label="证件号 / 手机号 / 会员号",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "完整证件号、手机号、会员号"}),
    )


class RevealForm(forms.Form):
    """Why someone's full number is looked at."""

    WHY = [
        ("核对入会材料", "核对入会材料"),
        ("办理会籍变动", "办理会籍变动"),
        ("联系本人", "联系本人"),
        ("本人到场查询", "本人到场查询"),
        ("", "其他（请在下面写明）"),
    ]
    why = forms.ChoiceField(label="查看原因", choices=WHY, required=False)
    text = forms.CharField(
        label="补充说明", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选择“其他”时必须填写",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        parts = [str(values.get(name) or "").strip() for name in ("why", "text")]
        values["reason"] = "：".join(part for part in parts if part)
        if len(values["reason"]) < 4:
            self.add_error("text", "请写明查看原因，至少 4 个字。")
        return values


class PersonForm(forms.Form):
    """A person's particulars. On editing, a number left blank stays as it is."""

    name = forms.CharField(label="姓名", max_length=60, help_text="2 至 50 个字；少数民族姓名用“·”分隔")
    id_type = forms.ChoiceField(label="证件类型", choices=documents.choices)
    id_number = forms.CharField(
        label="证件号码", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    sex = forms.ChoiceField(
        label="性别",
        required=False,
        choices=[("", "按证件号码"), *SEXES],
        help_text="身份证号码里已有，不用填写",
    )
    birth = forms.DateField(
        label="出生日期", required=False, widget=DateInput(), help_text="身份证号码里已有，不用填写"
    )
    phone = forms.CharField(
        label="手机号",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    ethnicity = forms.ChoiceField(label="民族", required=False, choices=UNKNOWN + ETHNICITY.choices())
    education = forms.ChoiceField(label="学历", required=False, choices=UNKNOWN + EDUCATION.choices())
    political = forms.ChoiceField(
        label="政治面貌", required=False, choices=UNKNOWN + POLITICAL_STATUS.choices()
    )
    skill = forms.ChoiceField(label="技能等级", required=False, choices=UNKNOWN + SKILL_LEVEL.choices())
    native_place = forms.CharField(label="籍贯", required=False, max_length=60)
    household_type = forms.ChoiceField(
        label="户口类型", required=False, choices=UNKNOWN + HUKOU_TYPE.choices()
    )
    household_place = forms.CharField(label="户口所在地", required=False, max_length=120)
    migrant_worker = forms.BooleanField(label="农民工", required=False)

    IDENTITY = ("name", "id_type", "id_number", "sex", "birth", "phone")
    BACKGROUND = (
        "ethnicity", "education", "political", "skill", "native_place", "household_type", "household_place",
        "migrant_worker",
    )  # fmt: skip

    def particulars(self) -> dict[str, Any]:
        """Values for the action: blanks that mean "as the document says" or "as it is" are left out."""
        optional = {"sex", "birth", "phone", "id_number"}
        return {
            name: self.cleaned_data[name]
            for name in (*self.IDENTITY, *self.BACKGROUND)
            if not (name in optional and not self.cleaned_data[name])
        }


class EditForm(PersonForm):
    """Particulars of a registered person, and the employment in force."""

    reason = forms.CharField(label="修改原因", max_length=200, required=False)

    def __init__(self, *args: Any, masked: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in masked.items():
            self.fields[name].required = False
            self.fields[name].help_text = f"现为 {value}；不修改请留空"


class RegisterForm(PersonForm):
    """登记会员 by hand: the same checks as an import, for one person."""

    wants_actor = True

    organisation = UnionField(
        label="所在工会", permission="members.standing", with_members=True, max_length=120
    )
    on = forms.DateField(label="入会日期", widget=DateInput())
    work_unit = forms.CharField(label="工作单位", required=False, max_length=120)
    occupation = forms.CharField(label="工种岗位", required=False, max_length=60)
    form = forms.ChoiceField(label="用工形式", choices=EMPLOYMENT_FORM.choices(), initial="1")
    lives_on_wages = forms.BooleanField(
        label="本人以工资收入为主要生活来源，或与用人单位建立劳动关系，自愿加入工会",
        help_text="《中国工会章程》第一条",
    )
    MEMBERSHIP = ("organisation", "on", "work_unit", "occupation", "form", "lives_on_wages")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        union = self.fields["organisation"]
        assert isinstance(union, UnionField)
        union.for_actor(actor, listed=True)


class EmploymentEdit(forms.Form):
    """The employment that holds from a day on."""

    status = forms.ChoiceField(label="就业状况", choices=EMPLOYMENT_STATUS.choices())
    form = forms.ChoiceField(label="用工形式", choices=EMPLOYMENT_FORM.choices())
    work_unit = forms.CharField(label="工作单位", required=False, max_length=120)
    occupation = forms.CharField(label="工种岗位", required=False, max_length=60)
    on = forms.DateField(label="自哪天起", widget=DateInput())


class CardReason(forms.Form):
    """Why a card is suspended, replaced or revoked."""

    reason = forms.CharField(label="原因", max_length=200)


class MessageForm(forms.Form):
    """A message to the members chosen in the list."""

    title = forms.CharField(label="标题", max_length=100)
    body = forms.CharField(
        label="内容", max_length=1000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="不要写身份证号、银行卡号等个人信息",
    )  # fmt: skip
