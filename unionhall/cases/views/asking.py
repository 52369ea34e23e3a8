"""A form on the phone, one question per page: kept as a draft with its papers, looked over, handed in once.

The form itself is one (`whole`), the same as elsewhere; a step names the fields it asks. Each step is checked alone,
and the whole again at the end, so that an answer that no longer fits is asked anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from unionhall.foundation.views import Create
from unionhall.kit.text import number_of
from unionhall.members.views.own import Own
from unionhall.records import drafts

from ..forms.asking import PaperForm, said


@dataclass(frozen=True)
class Step:
    """A page: its question and the fields of the whole form that it asks."""

    code: str
    title: str
    question: str
    fields: tuple[str, ...] = ()
    lead: str = ""


PAPERS = Step(
    "papers",
    "材料",
    "有材料的，一起交来",
    (),
    "合同、工资条、聊天记录、录音都可以；没有也可以，以后还能补充。",
)
CHECK = Step("check", "核对", "请核对")


class Asking(Own, Create):
    """The pages of a form, `…/new/` and `…/new/<step>/`. Subclasses name the draft, the address and the steps."""

    draft_name: ClassVar[str]
    address: ClassVar[str]
    title: ClassVar[str]
    steps: ClassVar[tuple[Step, ...]]

    # What a form gives ---------------------------------------------------------------------------------------

    def whole(self, data: Any = None, initial: dict[str, Any] | None = None) -> forms.Form:
        """The form with every field, bound to `data` or showing `initial`."""
        raise NotImplementedError

    def known_answers(self) -> dict[str, Any]:
        """What the register knows already."""
        return {}

    def wanted(self, step: Step) -> bool:
        """Whether what was answered so far leaves this to be asked."""
        return True

    # The draft -----------------------------------------------------------------------------------------------

    @cached_property
    def draft(self) -> dict[str, Any]:
        return drafts.draft_of(self.access.account_id or 0, self.draft_name)

    @property
    def answers(self) -> MultiValueDict[str, str]:
        """Everything answered on the pages that are asked, as it was typed."""
        found: dict[str, list[str]] = {}
        for step in self.asked:
            found |= self.draft.get(step.code) or {}
        return MultiValueDict(found)

    @property
    def asked(self) -> list[Step]:
        return [*(one for one in self.steps if self.wanted(one)), PAPERS]

    def answer(self, name: str) -> str:
        """One answer as it was typed, wherever it was asked."""
        return next((one[name][-1] for one in self.draft.values() if one.get(name)), "")

    @property
    def unanswered(self) -> Step:
        """The first step that has no answer, or one that no longer fits."""
        faults = self.whole(self.answers).errors
        for step in self.asked:
            if step.code not in self.draft or any(name in faults for name in step.fields):
                return step
        return CHECK

    # The page ------------------------------------------------------------------------------------------------

    @cached_property
    def step(self) -> Step:
        code = self.kwargs["step"]
        found = next((one for one in (*self.steps, PAPERS, CHECK) if one.code == code), None)
        if found is None:
            raise Http404
        return found

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.known is None:
            return super()._guarded(request, *args, **kwargs)
        if "step" not in kwargs:
            if request.method == "POST":
                drafts.drop_draft(self.access.account_id or 0, self.draft_name)
                self.draft = {}
            return redirect(self._page(self.unanswered))
        order, here = [*self.asked, CHECK], self.step
        if here not in order or order.index(here) > order.index(self.unanswered):
            return redirect(self._page(self.unanswered))
        return super()._guarded(request, *args, **kwargs)

    def _page(self, step: Step) -> str:
        return reverse(f"{self.address}_step", args=[step.code])

    def get_form(self, form_class: Any = None) -> Any:
        posted = self.request.POST if self.request.method == "POST" else None
        if self.step is PAPERS:
            return PaperForm(posted, self.request.FILES if posted is not None else None)
        if self.step is CHECK:
            return forms.Form(posted)
        kept = self.draft.get(self.step.code)
        if posted is None and kept is not None and (faulty := self._narrow(MultiValueDict(kept))).errors:
            return faulty
        shown = {name: values[-1] for name, values in (kept or {}).items() if values}
        return self._narrow(posted, self.known_answers() | shown)

    def _narrow(self, data: Any, initial: dict[str, Any] | None = None) -> forms.Form:
        form = self.whole(data, initial)
        for name in set(form.fields) - set(self.step.fields):
            del form.fields[name]
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        taken = number_of(request.POST.get("remove", ""))
        if self.step is PAPERS and taken is not None:
            drafts.drop_paper(self.access.account_id or 0, self.draft_name, taken)
            return redirect(self._page(PAPERS))
        return super().post(request, *args, **kwargs)

    def act(self, form: Any) -> Any:
        if self.step is CHECK:
            return self.hand_in(self.whole(self.answers))
        if self.step is PAPERS and (upload := form.cleaned_data["file"]):
            drafts.keep_paper(self.actor, self.draft_name, upload)
        typed = {name: self.request.POST.getlist(name) for name in self.step.fields}
        if "add" not in self.request.POST:
            self.draft = drafts.keep_draft(
                self.access.account_id or 0, self.draft_name, **{self.step.code: typed}
            )
        return None

    def hand_in(self, form: forms.Form) -> Any:
        """One action, with `take_draft` before it in the same transaction."""
        raise NotImplementedError

    def filed_url(self) -> str:
        raise NotImplementedError

    def get_success_url(self) -> str:
        if self.step is CHECK:
            return self.filed_url()
        return self._page(PAPERS if "add" in self.request.POST else self.unanswered)

    # What it shows -------------------------------------------------------------------------------------------

    def get_template_names(self) -> list[str]:
        page = self.step.code if self.step in (PAPERS, CHECK) else "question"
        return [f"cases/asking/{page}.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = [*self.asked, CHECK]
        here = order.index(self.step)
        more: dict[str, Any] = {
            "title": self.title,
            "step": self.step,
            "number": here + 1,
            "of": len(order),
            "back_url": self._page(order[here - 1]) if here else reverse("m_help"),
            "back_label": order[here - 1].title if here else "求助咨询",
            "begun": bool(self.draft),
            "restart_url": reverse(self.address),
        }
        if self.step in (PAPERS, CHECK):
            more["papers"] = list(drafts.papers_of(self.access.account_id or 0, self.draft_name))
        if self.step is CHECK:
            more["rows"] = self.rows(more["papers"])
        return super().get_context_data(**more | kwargs)

    def rows(self, papers: list[Any]) -> list[dict[str, Any]]:
        """Every answer in words, each with its 修改."""
        form = self.whole(self.answers)
        form.is_valid()
        found = [
            {"label": form.fields[name].label, "value": words, "url": self._page(step)}
            for step in self.asked
            for name in step.fields
            if (words := said(form, name)) or not form.fields[name].widget.is_hidden
        ]
        names = "\n".join(one.name for one in papers)
        return [*found, {"label": "材料", "value": names, "url": self._page(PAPERS)}]
