"""诉求, 劳动争议, 法律援助: cases of their own kinds. A kind that no room has registered is not offered."""

from typing import Any

from django import forms

from unionhall.cases import kinds
from unionhall.cases.actions.core import open_case
from unionhall.cases.models import Channel
from unionhall.foundation.actors import Actor
from unionhall.foundation.widgets import DateInput, MoneyInput
from unionhall.members.models import Employment

from ..forms.matters import MatterForm
from ..matters import WHY, Filed, Matter, Scene, register


class CaseForm(MatterForm):
    """What happened. The employer is the person's own, of the register, unless another is named."""

    title = forms.CharField(label="简要说明", max_length=60, widget=forms.TextInput(attrs={"data-focus": True}))
    cause = forms.ChoiceField(label="事由", required=False)
    statement = forms.CharField(
        label="经过和要求", max_length=3000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="按本人所说记录；读给本人听，确认后提交",
    )  # fmt: skip
    occurred_on = forms.DateField(label="发生日期", required=False, widget=DateInput())
    amount = forms.DecimalField(
        label="涉及金额（元）", required=False, min_value=0, max_digits=14, decimal_places=2, widget=MoneyInput()
    )
    headcount = forms.IntegerField(label="涉及人数", min_value=1, max_value=100_000, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        causes = kinds.kind(self.matter.case_kind).causes
        if causes:
            self.fields["cause"].choices = [("", "请选择"), *causes.items()]  # type: ignore[attr-defined]
        else:
            del self.fields["cause"]


def _closed(code: str) -> Any:
    def barred(scene: Scene) -> str:
        try:
            kinds.kind(code)
        except kinds.UnknownKind:
            return "这一事项还没有开通。"
        return ""

    return barred


def _open(code: str) -> Any:
    def start(actor: Actor, scene: Scene, given: dict[str, Any]) -> Filed:
        job = (
            Employment.objects.everywhere(reason=WHY)
            .filter(person=scene.person, period__upper_inf=True)
            .select_related("employer")
            .first()
        )
        case = open_case(
            actor, kind=code, organisation=scene.union, title=given["title"], channel=Channel.WINDOW,
            statement=given["statement"], person=scene.person, employer=job.employer if job else None,
            cause=given.get("cause", ""), amount=given.get("amount"), headcount=given["headcount"],
            occurred_on=given.get("occurred_on"), filed_by_account=scene.person.account,
        )  # fmt: skip
        return Filed(case=case)

    return start


register(
    *(
        Matter(
            code, title, icon, CaseForm, _open(code), told, hint=hint, barred=_closed(code), case_kind=code, order=order
        )
        for code, title, icon, hint, told, order in (
            ("appeal", "诉求反映", "message-2", "意见、投诉、求助", "承办人会在期限内答复，答复后请评价。", 60),
            ("dispute", "劳动争议", "gavel", "工资、合同、工伤、社保", "先调解；调解不成的，帮助申请仲裁。", 65),
            ("legal_aid", "法律援助", "scale", "请律师代理、写文书", "7 日内决定，决定后 3 日内指派律师。", 70),
        )
    )
)
