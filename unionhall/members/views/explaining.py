"""为什么能、不能看到: an account and a member or union, answered in sentences."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone

from unionhall.access.explaining import Explanation, explain, grants_of, known_to
from unionhall.access.lookups import CountsLookups
from unionhall.access.models import Account, Grant
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.views import Create
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from ..finding import find, read_number

OF_MEMBER = ("members.view", "members.reveal", "members.edit", "members.export", "members.standing")
OF_UNION = (
    "organisations.view",
    "organisations.edit",
    "organisations.figures",
    "members.view",
    "reviews.decide",
)


class ExplainForm(forms.Form):
    """Whose eyes, and what they look at. Posted: a person's number stands in no address."""

    account = forms.CharField(label="账号", max_length=60, help_text="登录用的账号，例如 chair")
    person = forms.CharField(
        label="会员", required=False, max_length=40, help_text="完整的证件号、手机号或会员号",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    union = forms.CharField(label="或者工会", required=False, max_length=120, help_text="组织代码或全称")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if bool(values.get("person")) == bool(values.get("union")):
            self.add_error("person", "请填写会员或工会其中一项。")
        return values


class Explain(CountsLookups, Create):
    """Reads only what the asker may know: accounts, members and unions under `access.explain`."""

    permission = "access.explain"
    template_name = "members/explain.html"
    form_class = ExplainForm

    def numbers_in(self, request: HttpRequest) -> int:
        return int(bool(request.POST.get("person")))

    def act(self, form: ExplainForm) -> dict[str, Any]:
        values = form.cleaned_data
        account = _account(self.actor, values["account"])
        if values["person"]:
            what, paths, codes = _member(self.actor, values["person"])
        else:
            what, paths, codes = _union(self.actor, values["union"])
        grants, known = grants_of(account), known_to(self.access, account)
        today = timezone.localdate()
        answers: list[Explanation] = [
            explain(account, code, paths, what=what, day=today, grants=grants, known=known) for code in codes
        ]
        journal(self.actor, "access.explain", subject=account, paths=paths, detail={"about": codes[0]})
        return {"account": account, "what": what, "answers": answers}

    def done(self) -> Any:
        # The number is not shown again.
        again = ExplainForm(initial={"account": self.result["account"].username})
        return self.render_to_response(self.get_context_data(form=again, **self.result))


def _account(actor: Actor, username: str) -> Account:
    visible = Grant.objects.visible_to(actor.access, to="access.explain")
    rows = Account.objects.filter(Exists(visible.filter(account=OuterRef("pk"))), username=username.strip())
    found = rows.first()
    if found is None:
        raise Refused("没有这个账号，或它的授权不在您的管理范围内。", field="account")
    return found


def _member(actor: Actor, text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    number = read_number(text)
    rows = find(actor.access, {"found": number}, to="access.explain") if number else None
    row = rows.select_related("person", "organisation").first() if rows is not None else None
    if row is None:
        raise Refused("没有找到这位会员，或不在您的管理范围内。", field="person")
    paths = tuple(path for path in (row.path, row.second_path) if path)
    return f"该会员（{row.person.masked_name}，会籍在{row.organisation.name}）", paths, OF_MEMBER


def _union(actor: Actor, text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    rows = Organisation.objects.visible_to(actor.access, to="access.explain")
    found = rows.filter(Q(code=text.strip()) | Q(name=text.strip())).first()
    if found is None:
        raise Refused("没有找到这个工会，或不在您的管理范围内。", field="union")
    return f"“{found.name}”", found.paths, OF_UNION
