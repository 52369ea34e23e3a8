"""方案: what is in force, what is coming, what was; one version with its sources; a copy to write a new one."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from unionhall.foundation.views import Create, Page

from .. import presenting
from ..actions import drafts
from ..book import fresh
from ..drafting import issuers
from ..examples import read_examples
from ..forms import CopyForm, SchemeFilter
from ..models import SchemeDraft, SchemeUse
from ..texts import own_text
from ..versions import Version

_TABS = (("now", "现行"), ("coming", "将施行"), ("past", "已停用"))


class Schemes(Page):
    """Every version of every scheme, by area and start."""

    permission = "rulebook.schemes"
    template_name = "rulebook/schemes.html"

    def context(self) -> dict[str, Any]:
        form = SchemeFilter(self.request.GET or None)
        words = form.cleaned_data["q"].strip() if form.is_valid() else ""
        groups = self._groups(words)
        when = self.request.GET.get("when", "now")
        if when not in groups:
            when = "now"
        tabs = [
            {
                "label": label,
                "url": f"?{urlencode({'when': code} | ({'q': words} if words else {}))}",
                "current": code == when,
                "count": len(groups[code]),
            }
            for code, label in _TABS
        ]
        may_draft = bool(self.access.prefixes("rulebook.drafts"))
        drafts_open = 0
        if may_draft:
            rows = SchemeDraft.objects.all().visible_to(self.access, to="rulebook.drafts")
            drafts_open = rows.filter(state=SchemeDraft.State.EDITING).count()
        page = Paginator(groups[when], 40).get_page(self.request.GET.get("page"))
        return {"tabs": tabs, "page": page, "form": form, "may_draft": may_draft, "drafts_open": drafts_open}

    def _groups(self, words: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {code: [] for code, _ in _TABS}
        today = timezone.localdate()
        for versions in fresh().versions.values():
            for version in versions:
                row = presenting.row(version)
                if not words or any(words in row[name] for name in ("title", "source", "issuer", "area")):
                    found[presenting.when_of(version, today)].append(row)
        for rows in found.values():
            rows.sort(key=lambda row: (row["title"], row["area"], row["starts"]))
        return found


class _OfVersion:
    """The version that the address names, by programme and the beginning of its digest."""

    kwargs: dict[str, Any]

    def version(self) -> Version[Any]:
        for one in fresh().versions.get(self.kwargs["programme"], ()):
            if one.digest.startswith(self.kwargs["digest"]):
                return one
        raise Http404


class Scheme(_OfVersion, Page):
    """One version: conditions and parameters with their sources, worked examples, its text."""

    permission = "rulebook.schemes"
    template_name = "rulebook/scheme.html"

    def context(self) -> dict[str, Any]:
        version, book = self.version(), fresh()
        examples = [
            {"name": one.name, "met": one.mistake(book) is None}
            for one in read_examples(Path(settings.SCHEMES_DIR), [])
            if one.programme == version.programme
            and book.pick(one.programme, one.text.on, one.text.division) is version
        ]
        use = SchemeUse.objects.filter(pk=version.digest).first()
        return {
            "version": version,
            "facts": presenting.facts(version),
            "conditions": presenting.conditions(version),
            "parameters": presenting.parameters(version),
            "examples": examples,
            "used": use,
            "text": own_text(version),
            "may_copy": issuers(self.access).exists(),
            "args": [version.programme, version.digest[:16]],
        }


class CopyScheme(_OfVersion, Create):
    """A draft for one's own area that begins as this version."""

    permission = "rulebook.draft"
    template_name = "rulebook/copy.html"
    form_class = CopyForm

    def act(self, form: CopyForm) -> SchemeDraft:
        union = form.unions[form.cleaned_data["organisation"]]
        return drafts.start(self.actor, organisation=union, version=self.version())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version()
        args = [version.programme, version.digest[:16]]
        return super().get_context_data(version=version, back=reverse("desk_scheme", args=args), **kwargs)

    def get_success_url(self) -> str:
        return reverse("desk_scheme_draft", args=[self.result.pk])
