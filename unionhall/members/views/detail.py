"""One person at the desk: masked, with every period of membership, work and posts, the card, and who looked."""

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any, ClassVar

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from unionhall.foundation.compiled import Ask, Compiled, Given, Reader, together
from unionhall.foundation.offers import offers
from unionhall.foundation.views import Act, Detail
from unionhall.kit.codes import (
    EDUCATION,
    ETHNICITY,
    HUKOU_TYPE,
    POLITICAL_STATUS,
    SKILL_LEVEL,
)
from unionhall.records.models import JournalEntry
from unionhall.records.verbs import label_of

from .. import actions, documents
from ..forms import CardReason, RevealForm
from ..models import Card, Employment, Membership, Person, Post

SEEN_SHOWN = 10


_WHY = "parts of a person who is in scope"
_person = Given("person")
_memberships = Compiled(
    lambda: (
        Membership.objects.everywhere(reason=_WHY)
        .filter(person=_person)
        .select_related("organisation")
        .order_by("-period")
    )
)
_employments = Compiled(
    lambda: Employment.objects.everywhere(reason=_WHY).filter(person=_person).order_by("-period")
)
_posts = Compiled(
    lambda: (
        Post.objects.everywhere(reason=_WHY)
        # Said twice: of a single key PostgreSQL may think that the index of unions and persons answers it, all of it.
        .filter(person__pk__in=[_person, Given("person_again")])
        .select_related("organisation")
        .order_by("-period")
    )
)
_cards = Compiled(lambda: Card.objects.everywhere(reason=_WHY).filter(person=_person).order_by("-pk"))


@lru_cache(maxsize=500)
def _seen(scope: tuple[str, ...]) -> Compiled[Person]:
    """A person as those see it who look over these subtrees."""
    rows = Person.objects.visible_to(Reader(*scope), to="members.view")
    return Compiled(lambda: rows.filter(pk=_person))


@lru_cache(maxsize=500)
def _looks(scope: tuple[str, ...]) -> Compiled[JournalEntry]:
    """Who looked at a person. What a former union wrote down about its member stays with it."""
    rows = JournalEntry.objects.everywhere(reason="an extract about one person who is in scope")
    rows = rows.filter(subject_type=Person._meta.label_lower, subject_id=_person)
    rows = rows.filter(Q(path="") | JournalEntry.under(scope))
    return Compiled(lambda: rows.order_by("-pk")[:SEEN_SHOWN])


class Member(Detail):
    """会员详情: six queries whatever the length of the history."""

    model = Person
    permission = "members.view"
    template_name = "members/detail.html"

    @cached_property
    def object(self) -> Person:
        together(self._asked, *self._parts.values())
        found = self._asked.get()
        if not found:
            raise Http404
        return found[0]

    @cached_property
    def _asked(self) -> Ask[Person]:
        return _seen(self.access.prefixes(self.permission)).ask(person=self.kwargs["pk"])

    @cached_property
    def _parts(self) -> dict[str, Ask[Any]]:
        """What belongs to whom the address names, asked with him; nobody sees it when he is out of scope."""
        person = self.kwargs["pk"]
        return {
            "memberships": _memberships.ask(person=person),
            "employments": _employments.ask(person=person),
            "posts": _posts.ask(person=person, person_again=person),
            "cards": _cards.ask(person=person),
            "looks": _looks(self.access.prefixes(self.permission)).ask(person=person),
        }

    def context(self) -> dict[str, Any]:
        person, parts = self.object, self._parts
        memberships = parts["memberships"].get()
        current = next((row for row in memberships if row.is_current), None)
        paths = tuple(path for path in (current.path, current.second_path) if path) if current else ()
        may = {
            code.split(".")[1]: self.actor.may(code, *paths) for code in ("members.edit", "members.reveal")
        }
        return {
            "person": person,
            "shown_name": person.name if may["edit"] else person.masked_name,
            "current": current,
            "memberships": memberships,
            "facts": _facts(person),
            "document": documents.label_of(person.id_type),
            "employments": parts["employments"].get(),
            "posts": parts["posts"].get(),
            "cards": parts["cards"].get(),
            "seen": [
                {
                    "who": entry.actor_name,
                    "what": label_of(entry.action),
                    "at": entry.at,
                    "opinion": entry.reason,
                }
                for entry in parts["looks"].get()
            ],
            "may": may,
            "offers": offers("membership.detail", self.request, current) if current else [],
        }


def _facts(person: Person) -> list[tuple[str, Any]]:
    return [
        ("性别", person.get_sex_display()),
        ("出生日期", person.birth),
        ("民族", ETHNICITY.label(person.ethnicity)),
        ("学历", EDUCATION.label(person.education)),
        ("政治面貌", POLITICAL_STATUS.label(person.political)),
        ("技能等级", SKILL_LEVEL.label(person.skill)),
        ("籍贯", person.native_place),
        ("户口", " ".join(part for part in (HUKOU_TYPE.label(person.household_type), person.household_place) if part)),
        ("农民工", "是" if person.migrant_worker else "否"),
        ("手机端账号", "已开通" if person.account_id else "未登录过"),
    ]  # fmt: skip


class Reveal(Act):
    """The full number, for a reason: shown for thirty seconds, with or without JavaScript, and journalled."""

    model = Person
    permission = "members.reveal"
    template_name = "members/reveal.html"
    form_class = RevealForm
    SECONDS = 30

    def _what(self) -> str:
        what: str = self.kwargs["what"].replace("-", "_")
        if what not in actions.REVEALABLE:
            raise Http404
        return what

    def act(self, form: RevealForm) -> str:
        return actions.reveal(
            self.actor, person=self.object, what=self._what(), reason=form.cleaned_data["reason"]
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        what = self._what()
        masked = self.object.masked_id if what == "id_number" else self.object.masked_phone
        return super().get_context_data(
            url=self.request.path,
            label=actions.REVEALABLE[what],
            masked=masked,
            element_id=f"reveal-{self.kwargs['what']}",
            back=reverse("desk_member", args=[self.object.pk]),
            **kwargs,
        )

    def refuse(self, form: RevealForm) -> HttpResponse:
        response = super().refuse(form)
        response["HX-Retarget"], response["HX-Reselect"] = "#dialog-body", "#dialog-content"
        response["HX-Reswap"] = "innerHTML"  # the form's own swap would replace the dialog's body
        return response

    def done(self) -> HttpResponseBase:
        context = self.get_context_data(value=self.result, seconds=self.SECONDS)
        if self.request.headers.get("HX-Request"):
            response = render(self.request, "members/revealed.html", context)
            response["HX-Trigger"] = "close-dialog"
            return response
        return render(self.request, "members/revealed_page.html", context)


class CardAct(Act):
    """挂失, 解除挂失, 换发, 注销 of the person's card in force."""

    model = Person
    permission = "members.edit"
    template_name = "members/act.html"
    form_class = CardReason
    VERBS: ClassVar[dict[str, tuple[str, Callable[..., Card]]]] = {
        "suspend": ("挂失会员卡", actions.suspend_card),
        "restore": ("解除挂失", actions.restore_card),
        "replace": ("换发会员卡", actions.replace_card),
        "revoke": ("注销会员卡", actions.revoke_card),
    }

    def _verb(self) -> tuple[str, Callable[..., Card]]:
        try:
            return self.VERBS[self.kwargs["verb"]]
        except KeyError:
            raise Http404 from None

    def act(self, form: CardReason) -> Card:
        _, verb = self._verb()
        rows = Card.objects.everywhere(reason="the card of a person in scope")
        card = rows.filter(person=self.object).exclude(status=Card.Status.REVOKED).first()
        if card is None:
            raise Http404
        return verb(self.actor, card=card, reason=form.cleaned_data["reason"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._verb()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            heading=self._verb()[0], whose=self.object.masked_name, back=self.get_success_url(), **kwargs
        )

    def get_success_url(self) -> str:
        return reverse("desk_member", args=[self.object.pk])

    success_message = "已办理。"
