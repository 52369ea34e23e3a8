"""How my household's file of relief stands: the answer to an application, and the file's page on the phone."""

from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse

from unionhall.foundation.permissions import Role
from unionhall.foundation.views import Page
from unionhall.members import households
from unionhall.members.views.own import Own
from unionhall.reviews.models import ReviewStep

from .. import hardship as shown
from ..models import HardshipFile


class _OwnFile(Own, Page):
    @cached_property
    def file(self) -> HardshipFile | None:
        """The household's latest file; of a relative's only where it stands."""
        key = households.key_of(self.person.pk)
        rows = HardshipFile.objects.everywhere(reason="the reader's own household")
        rows = rows.select_related("review", "organisation", "household", "person")
        return rows.filter(Q(household__key=key) if key else Q(person=self.person)).order_by("-pk").first()


class Done(_OwnFile):
    """The answer: number, who reviews, by when, what next."""

    template_name = "benefits/relief/done.html"

    def context(self) -> dict[str, Any]:
        if self.known is None or self.file is None:
            return {"file": None}
        steps = ReviewStep.objects.everywhere(reason="the current step of the reader's own application")
        step = (
            steps.filter(review=self.file.review_id, is_current=True).select_related("organisation").first()
        )
        return {
            "file": self.file,
            "step": step,
            "handler": f"{step.organisation.name}（{Role(step.role).label}）" if step else "",
            "links": [
                {"label": "查看进度", "url": reverse("m_relief_file")},
                {"label": "回到首页", "url": reverse("m_home")},
            ],
        }


class MyFile(_OwnFile):
    """/m/benefits/relief/: how my household's file stands, who answers for it, what was given."""

    template_name = "benefits/relief/my_file.html"

    def context(self) -> dict[str, Any]:
        if self.known is None or self.file is None:
            return {"file": None}
        file = self.file
        return {
            "file": file,
            "own": file.person_id == self.person.pk,
            "tone": shown.TONES[file.stage],
            "steps": shown.steps(file),
            "facts": shown.own_facts(file),
            "aids": shown.aids(file),
            "papers": shown.papers(file) if file.person_id == self.person.pk else [],
            "trail": shown.trail(file) if file.person_id == self.person.pk else [],
        }
