"""Cases of every kind: what it is about, where it stands, who has it, by when, and all that happened to it."""

from collections.abc import Iterable
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Left
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.fields import PathField, SealedField
from unionhall.foundation.scope import Access, ScopedModel, ScopedQuerySet
from unionhall.members.models import Membership, Person
from unionhall.members.models.memberships import LEVELS, below
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.models import Attachment
from unionhall.rulebook.models import SchemeUse

from .. import kinds

OPEN, CLOSED = Q(closed_at=None), Q(closed_at__isnull=False)
SECOND = ~Q(second_path="")
_NAMES = ("city", "county", "street")


class Channel(models.TextChoices):
    """How it came in. 0 to 3 are the codes of the field {D2}; the others are ours."""

    APP = "0", "手机"
    LETTER = "1", "来信"
    CALL = "2", "来电"
    VISIT = "3", "来访"
    WINDOW = "4", "窗口"
    HOTLINE = "5", "12351 热线"
    REFERRAL = "6", "部门转来"
    UNION = "7", "工会发现"


class CaseQuerySet(ScopedQuerySet["Case"]):
    def visible_to(self, access: Access, *, to: str | None = None) -> Self:
        """Cases of each kind under the kind's own permission; with `to`, of every kind under that one."""
        if to is not None:
            return super().visible_to(access, to=to)
        seen, known = Q(pk__in=[]), kinds.all_kinds()
        groups: dict[tuple[str, ...], list[str]] = {}
        for kind in known:
            groups.setdefault(access.prefixes(kind.view), []).append(kind.code)
        for prefixes, codes in groups.items():
            # A condition that every row fulfils would only mislead the planner.
            of_kind = Q() if len(codes) == len(known) else Q(kind__in=codes)
            if "" in prefixes:
                seen |= of_kind or Q(pk__isnull=False)
            elif prefixes:
                seen |= of_kind & Case.scope_q(prefixes)
        return self._admit().filter(seen)

    def owned_by(self, access: Access) -> Self:
        """What the account filed, and what someone filed for the person who has it."""
        me = access.account_id
        if me is None:
            return self._admit().none()
        return self._admit().filter(Q(filed_by_id=me) | Q(person__account_id=me))

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def narrowed(self, prefixes: tuple[str, ...]) -> Self:
        """Rows of a scope that is one subtree, said once more so that its level's index finds them in order.

        Changes no answer. Where the industry chain brings in unions from elsewhere, nothing is added.
        """
        prefix = narrowing(prefixes)
        return self.filter(below("path", prefix)) if prefix else self

    def in_both_chains(self, prefixes: tuple[str, ...]) -> Self:
        """The same for an industry union: found by an index for each chain, in no order."""
        if len(prefixes) != 1 or len(prefixes[0]) not in LEVELS or narrowing(prefixes):
            return self
        (prefix,) = prefixes
        return self.filter(below("path", prefix) | (Q(second_path__in_subtree=prefix) & SECOND))


def narrowing(prefixes: tuple[str, ...]) -> str:
    """The level's path under which all of a scope stands in the regional chain; "" when there is none."""
    return Membership.objects.narrowing(prefixes)


class Case(ScopedModel):
    """One matter from coming in to its end. What only one kind knows stands in a one-to-one row of that kind.

    `path` and `second_path` are copied from the union, so that a list in order of due dates needs no join.
    """

    scope_path = ("path", "second_path")
    view_permission = "cases.view"
    owner_path = "filed_by_id"
    copies_path_from: ClassVar[str] = "organisation"

    number = models.CharField("编号", max_length=24, unique=True)
    kind = models.CharField("类别", max_length=16)
    state = models.CharField("状态", max_length=24)
    grade = models.CharField("等级", max_length=12, blank=True)
    title = models.CharField("标题", max_length=120)
    channel = models.CharField("渠道", max_length=1, choices=Channel.choices)
    # The three below have indexes of their own that begin with them: one more each would only be written.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="cases", db_index=False, verbose_name="办理工会"
    )
    path = PathField("路径")
    second_path = PathField("产业路径", blank=True, default="")
    #: Where it happened; with `employer` it finds those who can help and those who complain of the same.
    division = models.CharField("发生地", max_length=12, blank=True, db_index=True)
    employer = models.ForeignKey(
        Employer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
        verbose_name="用人单位",
    )
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
        verbose_name="当事人",
    )
    filed_by_id = models.BigIntegerField("提交账号", null=True, blank=True, db_index=True)
    filed_by = models.CharField("提交人", max_length=80, blank=True)
    is_anonymous = models.BooleanField("匿名", default=False)
    #: Name, phone and the like of one who is not in the register or wishes to be called back; JSON.
    contact = SealedField("联系方式", blank=True, null=True)
    cause = models.CharField("事由", max_length=24, blank=True)
    occurred_on = models.DateField("发生日期", null=True, blank=True)
    headcount = models.PositiveIntegerField("涉及人数", default=1)
    amount = models.DecimalField("涉及金额（元）", max_digits=14, decimal_places=2, null=True, blank=True)
    owner = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name="承办人"
    )
    #: Why this one: written by whoever or whatever assigned it.
    owner_because = models.CharField("分派理由", max_length=300, blank=True)
    opened_at = models.DateTimeField("登记时间", default=timezone.now)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    #: The end of the clock that ends first; kept equal to the clocks by whatever changes them.
    due_at = models.DateTimeField("最近时限", null=True, blank=True)
    scheme = models.ForeignKey(
        SchemeUse, models.PROTECT, related_name="+", db_index=False, verbose_name="方案版本"
    )
    #: Given to one who filed without an account: with the number it opens 进度查询. A hash.
    query_code = models.CharField("查询码摘要", max_length=64, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner", "due_at"], condition=Q(closed_at=None), name="case_mine"),
            models.Index(
                fields=["organisation", "due_at", "id"], condition=Q(closed_at=None), name="case_union_due"
            ),
            models.Index(fields=["kind", "due_at", "id"], condition=OPEN, name="case_kind_due"),
            models.Index(fields=["id"], condition=OPEN & Q(due_at=None), name="case_paused"),
            models.Index(fields=["due_at", "id"], condition=Q(closed_at=None), name="case_all_due"),
            models.Index(fields=["organisation", "-id"], name="case_union_latest"),
            models.Index(fields=["employer", "-id"], name="case_employer"),
            models.Index(fields=["person", "-id"], name="case_person"),
            # A page of a city, a county or a street, in its order.
            *(
                models.Index(Left("path", length), "due_at", "id", condition=OPEN, name=f"case_{name}_due")
                for length, name in zip(LEVELS, _NAMES, strict=True)
            ),
            *(
                models.Index(Left("path", length), "id", condition=CLOSED, name=f"case_{name}_closed")
                for length, name in zip(LEVELS, _NAMES, strict=True)
            ),
            # What an industry union of a province or a city has elsewhere.
            models.Index(Left("second_path", 8), "due_at", condition=OPEN & SECOND, name="case_trade_due"),
            models.Index(
                Left("second_path", 12), "due_at", condition=OPEN & SECOND, name="case_city_trade_due"
            ),
            models.Index(Left("second_path", 8), "id", condition=CLOSED & SECOND, name="case_trade_closed"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Whoever forgets to copy it hears of it at once.
            models.CheckConstraint(condition=~Q(path=""), name="case_placed"),
        ]

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> Q:
        """As everywhere, and saying that an empty second path is none."""
        condition = Q(pk__in=[])
        for prefix in prefixes:
            condition |= Q(path__startswith=prefix) | below("second_path", prefix)
        return condition

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class _Part(ScopedModel):
    """What belongs to a case and is seen with it."""

    scope_path = ("case__organisation__path", "case__organisation__second_path")
    view_permission = "cases.view"
    part_of = "case"

    class Meta:
        abstract = True


class CaseClock(_Part):
    """A time limit that runs on a case. `due_at` is what holds now; a pause moves it when it ends."""

    class State(models.TextChoices):
        RUNNING = "running", "计时中"
        PAUSED = "paused", "暂停"
        MET = "met", "按时"
        LATE = "late", "超期办结"
        VOID = "void", "不再适用"

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks", verbose_name="案件")
    code = models.CharField("时限代码", max_length=24)
    label = models.CharField("时限", max_length=30)
    unit = models.CharField("单位", max_length=12)
    amount = models.PositiveSmallIntegerField("长度")
    article = models.CharField("依据", max_length=120, blank=True)
    state = models.CharField("状态", max_length=7, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField("开始")
    due_at = models.DateTimeField("截止")
    paused_at = models.DateTimeField("暂停开始", null=True, blank=True)
    pause_reason = models.CharField("暂停原因", max_length=100, blank=True)
    #: What pauses so far have taken: working days for working days, else seconds.
    paused_days = models.PositiveSmallIntegerField("已暂停工作日", default=0)
    paused_seconds = models.PositiveIntegerField("已暂停秒数", default=0)
    #: The days on which pauses began and ended, in turn: a holiday declared later may fall into one.
    pauses = ArrayField(models.DateField(), verbose_name="暂停起止日", default=list, db_default=[])
    ended_at = models.DateTimeField("结束", null=True, blank=True)

    objects = ScopedQuerySet["CaseClock"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理时限"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "code"], condition=Q(ended_at=None), name="clock_one_running"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], condition=Q(state="running"), name="clock_due")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.label}"


class CaseEvent(_Part):
    """What happened, in order. Never altered. `shown`: the person who filed it may read it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="events", verbose_name="案件")
    verb = models.CharField("动作", max_length=24)
    label = models.CharField("动作名称", max_length=30)
    before = models.CharField("原状态", max_length=24, blank=True)
    after = models.CharField("现状态", max_length=24, blank=True)
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("办理人", max_length=80)
    opinion = models.CharField("意见", max_length=1000, blank=True)
    shown = models.BooleanField("当事人可见", default=False)
    path = PathField("办理组织路径", blank=True)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["CaseEvent"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.label}"


class CaseText(_Part):
    """What was said or written: `body` with numbers hidden, to read and search; `original` sealed, where it differs.

    `words`: every pair of neighbouring characters and every single one, for the search.
    """

    class Role(models.TextChoices):
        STATEMENT = "statement", "陈述"
        NOTE = "note", "内部记录"
        ANSWER = "answer", "答复"
        RECORD = "record", "笔录"

    case = models.ForeignKey(Case, models.CASCADE, related_name="texts", verbose_name="案件")
    role = models.CharField("性质", max_length=9, choices=Role.choices)
    body = models.TextField("内容")
    original = SealedField("原文", blank=True, null=True)
    words = ArrayField(models.CharField(max_length=2), verbose_name="检索词", default=list)
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("记录人", max_length=80)
    shown = models.BooleanField("当事人可见", default=False)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["CaseText"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件文字"
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [GinIndex(fields=["words"], name="case_words")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_role_display()}"


class CaseFile(_Part):
    """A photo, a recording, a paper, or a document that the platform made."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="files", verbose_name="案件")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="附件")
    label = models.CharField("名称", max_length=80)
    #: The template it was made from; empty for what was brought.
    template = models.CharField("文书", max_length=40, blank=True)
    shown = models.BooleanField("当事人可见", default=False)
    actor_id = models.BigIntegerField("账号", null=True)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["CaseFile"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件材料"

    def __str__(self) -> str:
        return f"{self.case_id} {self.label}"


class CaseParty(_Part):
    """Someone on one of the sides: a worker, an employer, a representative. Numbers stand sealed."""

    class Side(models.TextChoices):
        APPLICANT = "applicant", "申请人"
        RESPONDENT = "respondent", "被申请人"
        REPRESENTATIVE = "representative", "代表人或代理人"
        THIRD = "third", "第三人"

    case = models.ForeignKey(Case, models.CASCADE, related_name="parties", verbose_name="案件")
    side = models.CharField("地位", max_length=14, choices=Side.choices)
    name = models.CharField("姓名或名称", max_length=120)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="职工"
    )
    employer = models.ForeignKey(
        Employer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    id_number = SealedField("证件号码", blank=True, null=True)
    phone = SealedField("手机号", blank=True, null=True)
    amount = models.DecimalField("请求金额（元）", max_digits=14, decimal_places=2, null=True, blank=True)

    objects = ScopedQuerySet["CaseParty"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "当事各方"

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_side_display()}"


class CaseLink(_Part):
    """Two cases that belong together: one came out of the other, or they are of the same matter."""

    class Bond(models.TextChoices):
        LED_TO = "led_to", "转为"
        SAME = "same", "并案"
        RELATED = "related", "关联"

    case = models.ForeignKey(Case, models.CASCADE, related_name="links", verbose_name="案件")
    other = models.ForeignKey(Case, models.CASCADE, related_name="linked_from", verbose_name="另一案件")
    bond = models.CharField("关系", max_length=7, choices=Bond.choices)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["CaseLink"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件关联"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "other", "bond"], name="case_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_bond_display()} {self.other_id}"
