"""Forms of 部门联动."""

from typing import Any

from django import forms

from unionhall.foundation.widgets import FileDrop

from .. import referring
from ..evidence import HINT, cleaned
from ..models import CaseFile, CaseText, PartnerBody
from .disputes import area


class PartnerForm(forms.Form):
    organisation: Any = forms.ModelChoiceField(label="召集工会", queryset=None, empty_label="请选择")
    kind = forms.ChoiceField(label="单位类别")
    name = forms.CharField(label="名称", max_length=100)
    division = forms.CharField(label="辖区代码", max_length=12, help_text="行政区划代码，例如 420103")
    contact = forms.CharField(label="联络员", max_length=50, required=False)
    telephone = forms.CharField(label="联系电话", max_length=30, required=False)
    suspended = forms.BooleanField(label="暂停联动", required=False)

    def __init__(self, *args: Any, unions: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        union: Any = self.fields["organisation"]
        kind: Any = self.fields["kind"]
        union.queryset, kind.choices = unions, [("", "请选择"), *kinds]

    def clean_division(self) -> str:
        code: str = self.cleaned_data["division"].strip()
        if not code.isdigit() or len(code) not in (2, 4, 6, 9, 12):
            raise forms.ValidationError("请填写 2、4、6、9 或 12 位的行政区划代码。")
        return code


class SeatForm(forms.Form):
    username = forms.CharField(
        label="账号", max_length=60, help_text="先在“账号和授权”开通联动部门角色的账号"
    )


class ReferForm(forms.Form):
    """What a partner is asked and what of the case it will see; its acts stand as 单位：事项 in one list."""

    to = forms.ChoiceField(label="转给谁、请它办什么")
    asked = area("具体请求", 3, max_length=500)
    whole = forms.BooleanField(label="由对方主办（案件转为“已移送”，我会等结果）", required=False)
    facts = forms.MultipleChoiceField(
        label="移送哪些事实", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="对方只看得到勾选的内容",
    )  # fmt: skip
    texts = forms.MultipleChoiceField(
        label="移送哪些文字", required=False, widget=forms.CheckboxSelectMultiple
    )
    papers = forms.MultipleChoiceField(
        label="移送哪些材料", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, bodies: list[PartnerBody], facts: dict[str, str], texts: list[CaseText],
        files: list[CaseFile], whole: bool, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.bodies, self.given_texts, self.given_files = bodies, texts, files
        fields: Any = self.fields
        fields["to"].choices = [("", "请选择"), *_acts(bodies)]
        fields["facts"].choices = [
            (code, f"{referring.FACTS[code]}：{words}") for code, words in facts.items()
        ]
        fields["facts"].initial = [code for code in facts if code in referring.USUAL]
        if "phones" in facts:
            shown = [(code, label) for code, label in fields["facts"].choices if code != "phones"]
            fields["facts"].choices = [*shown, ("phones", "联系电话（对方需要联系当事人时才勾选）")]
        fields["texts"].choices = [(one.pk, f"{one.get_role_display()}：{one.body[:40]}") for one in texts]
        fields["papers"].choices = [(one.pk, one.label) for one in files]
        for name, items in (("texts", texts), ("papers", files)):
            if not items:
                del fields[name]
        if not whole:
            del fields["whole"]

    def chosen(self) -> dict[str, Any]:
        """As `actions.referrals.refer` takes it."""
        given = self.cleaned_data
        body, act = given["to"].split("/")
        return {
            "body": next(one for one in self.bodies if f"{one.pk}" == body),
            "act": act,
            "asked": given["asked"],
            "facts": given["facts"],
            "texts": [one for one in self.given_texts if f"{one.pk}" in given.get("texts", ())],
            "files": [one for one in self.given_files if f"{one.pk}" in given.get("papers", ())],
            "whole": bool(given.get("whole")),
        }


def _acts(bodies: list[PartnerBody]) -> list[tuple[str, list[tuple[str, str]]]]:
    found = []
    for body in bodies:
        kind = referring.kind_of(body)
        if kind is not None:
            acts = [
                (f"{body.pk}/{one.code}", f"{one.label}（{one.reply.words}内答复）")
                for one in kind.acts
                if not one.tasks
            ]
            found.append((body.name, acts))
    return found


class ReplyForm(forms.Form):
    result = area("办理结果", 4, max_length=1000)
    upload = forms.FileField(label="附件", required=False, widget=FileDrop("选择文书或照片", HINT))

    def clean_upload(self) -> Any:
        return cleaned(self.cleaned_data["upload"])


class UploadForm(forms.Form):
    upload = forms.FileField(label="材料", widget=FileDrop("选择文书或照片", HINT))

    def clean_upload(self) -> Any:
        return cleaned(self.cleaned_data["upload"])


class ReferralFilter(forms.Form):
    state = forms.ChoiceField(
        label="状态", required=False,
        choices=[("", "全部"), ("waiting", "等对方办"), ("late", "已超期"), ("replied", "已答复待办结"),
                 ("ended", "已结束")],
    )  # fmt: skip
    body = forms.IntegerField(required=False, widget=forms.HiddenInput)
