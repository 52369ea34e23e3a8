"""督办: a note from a superior about one overdue case, its reply, and where it went when nobody answered."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.organisations.models import Organisation

from .case import Case, CaseFile


class SupervisionNoteQuerySet(ScopedQuerySet["SupervisionNote"]):
    def waiting(self) -> Self:
        """A reply is owed."""
        return self.filter(state__in=[SupervisionNote.State.SENT, SupervisionNote.State.ESCALATED])


class SupervisionNote(ScopedModel):
    """督办单. `addressee` answers by `due_on`; unanswered, the note goes to the next union above, up to the issuer.

    `round`: the how-maniest note about this case; repeated ones are shown as such.
    """

    scope_path = (
        "issuer__path",
        "issuer__second_path",
        "addressee__path",
        "addressee__second_path",
    )
    view_permission = "cases.supervision"

    class State(models.TextChoices):
        SENT = "sent", "待回复"
        ESCALATED = "escalated", "已上移"
        REPLIED = "replied", "已回复"
        CLOSED = "closed", "已了结"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("编号", max_length=24, unique=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="supervision_notes", verbose_name="案件")
    issuer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="督办工会")
    addressee = models.ForeignKey(
        Organisation, models.PROTECT, related_name="supervision_notes", verbose_name="被督办工会"
    )
    asked = models.CharField("督办要求", max_length=500)
    round = models.PositiveSmallIntegerField("第几次", default=1)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.SENT)
    level = models.PositiveSmallIntegerField("上移次数", default=0)
    working_days = models.PositiveSmallIntegerField("回复工作日")
    issued_by_id = models.BigIntegerField("督办账号", null=True)
    issued_by = models.CharField("督办人", max_length=80)
    issued_at = models.DateTimeField("督办时间", default=timezone.now)
    due_on = models.DateField("回复期限")
    document = models.ForeignKey(
        CaseFile, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="督办单"
    )
    reply = models.CharField("回复", max_length=1000, blank=True)
    replied_by = models.CharField("回复人", max_length=80, blank=True)
    replied_at = models.DateTimeField("回复时间", null=True, blank=True)
    late = models.BooleanField("超期回复", default=False)
    closed_at = models.DateTimeField("了结时间", null=True, blank=True)

    objects = SupervisionNoteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办单"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["addressee", "due_on"],
                condition=Q(state__in=["sent", "escalated"]),
                name="supervision_waiting",
            ),
            models.Index(fields=["issuer", "-id"], name="supervision_issued"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "issuer"],
                condition=Q(state__in=["sent", "escalated"]),
                name="supervision_one_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.number
