"""What taking a matter asks besides its own questions: consents, papers that lie on the counter, the paper's date."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from unionhall.foundation.widgets import DateInput
from unionhall.members import consents
from unionhall.organisations.models import Organisation
from unionhall.organising import places

from ..matters import Matter, Scene

PAPERS, PAPER_ON = "papers_given", "paper_on"
AGREE = "agree_"


class MatterForm(forms.Form):
    """Base of every matter's form; subclasses add their own questions before these."""

    def __init__(self, *args: Any, scene: Scene, matter: Matter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scene, self.matter = scene, matter
        self.wanted = list(matter.papers(scene))
        if self.wanted and not matter.uploads:
            self.fields[PAPERS] = forms.MultipleChoiceField(
                label="已收到的材料",
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=[(one.code, _named(one)) for one in self.wanted],
                help_text="逐件核对原件后勾选；缺材料的，用“开一次性告知单”。",
            )
        self.fields[PAPER_ON] = forms.DateField(
            label="材料日期",
            required=False,
            widget=DateInput(),
            help_text="当场办理的不填；补录以前收到的材料时填写",
        )
        given = consents.in_force(scene.person)
        for code in matter.consents(scene):
            purpose = consents.purpose_of(code)
            if purpose is not None and code not in given:
                self.fields[f"{AGREE}{code}"] = forms.BooleanField(
                    label=f"已向本人宣读并同意：{purpose.text}",
                    error_messages={"required": "本人不同意的，不能办理这一事项。"},
                )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if PAPERS in self.fields and not self.errors:
            lacking = self.lacking(found.get(PAPERS, []))
            if lacking:
                self.add_error(PAPERS, "还缺：" + "、".join(lacking) + "。补齐后受理，或者开一次性告知单。")
        return found

    def lacking(self, given: list[str]) -> list[str]:
        """Labels of required papers that are not there."""
        return [one.label for one in self.wanted if one.required and one.code not in given]

    def given_papers(self) -> list[str]:
        codes = set(self.cleaned_data.get(PAPERS, []))
        codes |= {
            name[6:] for name, value in self.cleaned_data.items() if name.startswith("paper_") and value
        }
        return [one.label for one in self.wanted if one.code in codes]

    def agreed(self) -> list[str]:
        return [name.removeprefix(AGREE) for name in self.fields if name.startswith(AGREE)]

    def own(self) -> dict[str, Any]:
        """What the matter itself asked."""
        besides = {PAPERS, PAPER_ON}
        return {k: v for k, v in self.cleaned_data.items() if k not in besides and not k.startswith(AGREE)}


def _named(paper: Any) -> str:
    words = f"{paper.label}（{paper.note}）" if paper.note else paper.label
    return words if paper.required else f"{words}（有就带）"


class UnionChoice:
    """Mixed into a form with a text field `union`: part of a name, then a choice where several fit."""

    find: Callable[[str], list[Organisation]] = staticmethod(places.unions_named)

    def chosen_union(self: Any, found: dict[str, Any]) -> Organisation | None:
        text = (found.get("union") or "").strip()
        if not text:
            return None
        known = Organisation.objects.everywhere(reason="unions that a worker can join are public").active()
        exact = list(known.filter(code=text)[:1]) or list(known.filter(name=text)[:2])
        rows = exact if len(exact) == 1 else places.unions_named(text)
        picked = self.data.get(self.add_prefix("union_code"))
        if picked:
            rows = [one for one in rows if one.code == picked] or rows
        if len(rows) == 1:
            return rows[0]
        if not rows:
            self.add_error("union", "没有找到这个单位或工会。请换个写法；单位没有建会的，写所在街道的工会。")
            return None
        self.fields["union_code"] = forms.ChoiceField(
            label="选择工会", widget=forms.RadioSelect, choices=[(one.code, one.name) for one in rows]
        )
        self.order_fields(["union", "union_code"])
        self.add_error("union_code", f"有 {len(rows)} 个名称相近的工会，请选择一个。")
        return None
