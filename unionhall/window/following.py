"""Whoever was served at a window and signs in by phone later finds what was taken for him among his own matters."""

from unionhall.cases.models import Case
from unionhall.members.following import supply_fact_followers
from unionhall.members.models import Person
from unionhall.reviews.models import Review

from .models import Intake

_WHY = "matters taken at a window for a person who has an account by now"


def belong(person_ids: list[int]) -> None:
    """Matters of these people that were taken before they had an account concern their accounts. Two statements each.

    Runs whenever a fact of theirs changes; afterwards it changes nothing.
    """
    rows = Intake.objects.everywhere(reason=_WHY).filter(person__in=person_ids, person__account__isnull=False)
    reviews = rows.filter(review__concerns_id=None, review__isnull=False).values_list("review", "person")
    cases = rows.filter(case__filed_by_id=None, case__isnull=False).values_list("case", "person")
    found = [*reviews, *cases]
    if not found:
        return
    people = Person.objects.everywhere(reason=_WHY).filter(pk__in={person for _, person in found})
    accounts = dict(people.values_list("pk", "account"))
    for review, person in reviews:
        Review.objects.everywhere(reason=_WHY).filter(pk=review).update(concerns_id=accounts[person])
    for case, person in cases:
        Case.objects.everywhere(reason=_WHY).filter(pk=case).update(filed_by_id=accounts[person])


supply_fact_followers(belong)
