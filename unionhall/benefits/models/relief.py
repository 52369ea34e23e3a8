"""Hardship relief: a worker's file, what its category was worked out from, visits, named helpers, what happened."""

from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.fields import SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet
from unionhall.members.models import Household, Person
from unionhall.organisations.models import Organisation
from unionhall.records.models import Attachment
from unionhall.reviews.models import Review
from unionhall.rulebook.models import Decision


class HardshipCategory(models.TextChoices):
    """困难类别, as worked out by the rule `relief.category`."""

    DEEP = "deep", "深度困难"
    RELATIVE = "relative", "相对困难"
    ACCIDENT = "accident", "意外致困"


class CivilStatus(models.TextChoices):
    """What civil affairs recognised a household as (Social Assistance Law, in force 2026-07-01, §21–22, §41–42)."""

    NONE = "", "没有认定"
    MINIMUM = "minimum", "最低生活保障家庭"
    MARGINAL = "marginal", "最低生活保障边缘家庭"
    RIGID = "rigid", "刚性支出困难家庭"


class Cause(models.TextChoices):
    """致困原因. Never on a public list."""

    ILLNESS = "illness", "本人或家庭成员患病"
    DISABILITY = "disability", "残疾"
    SCHOOLING = "schooling", "子女上学"
    JOB = "job", "下岗失业或停发减发工资"
    DISASTER = "disaster", "意外灾害"
    LOW_INCOME = "low_income", "收入低、供养人口多"
    OTHER = "other", "其他"


class Housing(models.TextChoices):
    OWN = "own", "自有住房"
    PUBLIC = "public", "公租房、廉租房"
    RENTED = "rented", "租房"
    DORMITORY = "dormitory", "单位宿舍"
    BORROWED = "borrowed", "借住"


class Health(models.TextChoices):
    """Of a person; stands sealed (D4)."""

    GOOD = "good", "良好"
    CHRONIC = "chronic", "慢性病"
    CANCER = "cancer", "癌症"
    UREMIA = "uremia", "尿毒症"
    SERIOUS = "serious", "其他重大疾病"
    DISABLED = "disabled", "残疾"


class FileQuerySet(ScopedQuerySet["HardshipFile"]):
    def in_force(self) -> Self:
        """Filed and not left: those who may be aided and are visited."""
        return self.filter(stage__in=HardshipFile.IN_FORCE)

    def under_way(self) -> Self:
        """Applied and not decided."""
        return self.filter(stage__in=HardshipFile.UNDER_WAY)


class HardshipFile(ScopedModel):
    """困难职工档案: from application to the end of the watch after leaving. One open file per household."""

    scope_path = ("organisation__path", "organisation__second_path")
    view_permission = "benefits.relief"
    owner_path = "person__account_id"

    class Stage(models.TextChoices):
        APPLIED = "applied", "已申请"
        VISITED = "visited", "已入户"
        CHECKING = "checking", "核对中"
        CHECKED = "checked", "已核对"
        PUBLICISED = "publicised", "公示中"
        OBJECTED = "objected", "公示异议成立"
        PASSED = "passed", "公示通过"
        APPROVED = "approved", "已建档"
        AIDED = "aided", "帮扶中"
        EXIT_PROPOSED = "exit_proposed", "拟退出"
        EXIT_PUBLICISED = "exit_publicised", "退出公示中"
        WATCH = "watch", "退出观察期"
        EXITED = "exited", "已退出"
        CLOSED = "closed", "已注销"
        ENDED = "ended", "未建档"

    class CheckResult(models.TextChoices):
        NONE = "", "尚未核对"
        CLEAR = "clear", "一致"
        MISMATCH = "mismatch", "不一致"
        EXPLAINED = "explained", "不一致，已说明"

    class ExitReason(models.TextChoices):
        IMPROVED = "improved", "家庭情况好转"
        EMPLOYED = "employed", "实现稳定就业"
        ABOVE = "above", "超过困难标准"
        COVERED = "covered", "已由其他救助解决"

    class CloseReason(models.TextChoices):
        RETIRED = "retired", "退休"
        LEFT = "left", "转出或退会"
        DIED = "died", "去世"

    UNDER_WAY: ClassVar[tuple[str, ...]] = (
        "applied", "visited", "checking", "checked", "publicised", "objected", "passed",
    )  # fmt: skip
    IN_FORCE: ClassVar[tuple[str, ...]] = ("approved", "aided", "exit_proposed", "exit_publicised")
    OPEN: ClassVar[tuple[str, ...]] = (*UNDER_WAY, *IN_FORCE, "watch")

    person = models.ForeignKey(Person, models.PROTECT, related_name="hardship_files", verbose_name="困难职工")
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="hardship_files", verbose_name="家庭"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="hardship_files", verbose_name="所在工会"
    )
    review = models.OneToOneField(
        Review, models.PROTECT, related_name="hardship_file", verbose_name="申请办件"
    )
    stage = models.CharField("阶段", max_length=16, choices=Stage.choices, default=Stage.APPLIED)
    category = models.CharField("困难类别", max_length=8, choices=HardshipCategory.choices, blank=True)
    main_cause = models.CharField("主要致困原因", max_length=12, choices=Cause.choices)
    other_causes = ArrayField(
        models.CharField(max_length=12, choices=Cause.choices),
        default=list,
        blank=True,
        verbose_name="其他致困原因",
    )
    housing = models.CharField("住房", max_length=10, choices=Housing.choices)
    health = SealedField("健康和残疾情况")
    statement = SealedField("情况说明", null=True, blank=True)
    civil_status = models.CharField("民政认定", max_length=8, choices=CivilStatus.choices, blank=True)
    civil_status_on = models.DateField("民政认定核对日期", null=True, blank=True)
    check_result = models.CharField("核对结果", max_length=10, choices=CheckResult.choices, blank=True)
    check_opinion = models.CharField("核对说明", max_length=300, blank=True)
    filed_on = models.DateField("建档日期", null=True, blank=True)
    visit_due = models.DateField("下次走访期限", null=True, blank=True)
    verify_due = models.DateField("年度复核期限", null=True, blank=True)
    exit_reason = models.CharField("退出原因", max_length=10, choices=ExitReason.choices, blank=True)
    exited_on = models.DateField("退出日期", null=True, blank=True)
    watch_until = models.DateField("观察期至", null=True, blank=True)
    close_reason = models.CharField("注销原因", max_length=8, choices=CloseReason.choices, blank=True)
    created_at = models.DateTimeField("申请时间", default=timezone.now)

    objects = FileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "困难职工档案"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["household"],
                condition=~Q(stage__in=["exited", "closed", "ended"]),
                name="hardship_one_per_household",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=~Q(stage__in=["exited", "closed", "ended"]),
                name="hardship_one_per_person",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["stage", "-id"], name="hardship_stage"),
            models.Index(
                fields=["visit_due"],
                condition=Q(stage__in=["approved", "aided", "exit_proposed", "exit_publicised"]),
                name="hardship_visit_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.get_stage_display()}"

    @property
    def key(self) -> str:
        """What public lists and payments call the matter."""
        return f"relief:{self.pk}"

    @property
    def is_in_force(self) -> bool:
        return self.stage in self.IN_FORCE

    @property
    def is_under_way(self) -> bool:
        return self.stage in self.UNDER_WAY


class _OfFile(ScopedModel):
    """Rows of a file are seen where the file is."""

    scope_path = ("file__organisation__path", "file__organisation__second_path")
    view_permission = "benefits.relief"
    owner_path = "file__person__account_id"
    part_of = "file"

    class Meta:
        abstract = True


class Assessment(_OfFile):
    """困难测算: the figures of one year, sealed, and the category that the rule in force made of them."""

    class Occasion(models.TextChoices):
        APPLICATION = "application", "申请"
        CHECK = "check", "核对后更正"
        VERIFICATION = "verification", "年度复核"
        REOPENING = "reopening", "返困恢复"

    file = models.ForeignKey(
        HardshipFile, models.CASCADE, related_name="assessments", verbose_name="困难职工档案"
    )
    occasion = models.CharField("事由", max_length=12, choices=Occasion.choices)
    year = models.PositiveSmallIntegerField("年度")
    on = models.DateField("测算日期")
    #: JSON: {"people": [{member, income, expense, health, schooling}], "loss", "casualty", "excluded"}.
    figures = SealedField("收入和支出")
    category = models.CharField("困难类别", max_length=8, choices=HardshipCategory.choices, blank=True)
    decision = models.OneToOneField(
        Decision, models.PROTECT, related_name="hardship_assessment", verbose_name="决定"
    )
    made_by = models.CharField("测算人", max_length=80)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["Assessment"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "困难测算"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["file", "-id"], name="assessment_file")]

    def __str__(self) -> str:
        return f"{self.year} {self.get_category_display()}"


class HardshipVisit(_OfFile):
    """走访: who went to the household when, what was found; the first one brings the signed authorisation."""

    class Kind(models.TextChoices):
        FIRST = "first", "入户核查"
        HALF_YEARLY = "half_yearly", "定期走访"
        WATCH = "watch", "观察期回访"

    file = models.ForeignKey(HardshipFile, models.CASCADE, related_name="visits", verbose_name="困难职工档案")
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    on = models.DateField("走访日期")
    due = models.DateField("应走访期限", null=True, blank=True)
    visitors = models.CharField("走访人", max_length=120)
    findings = SealedField("走访情况")
    authorisation = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签字的核查授权书"
    )
    recorded_by_id = models.BigIntegerField("登记账号", null=True)
    recorded_by = models.CharField("登记人", max_length=80)
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = ScopedQuerySet["HardshipVisit"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "困难走访"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"


class HelperAssignment(_OfFile):
    """帮扶责任人: the cadre who answers for a file during a period; one at a time."""

    file = models.ForeignKey(
        HardshipFile, models.CASCADE, related_name="helpers", verbose_name="困难职工档案"
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="hardship_files", verbose_name="帮扶责任人"
    )
    named_by = models.CharField("指定人", max_length=80)
    during = DateTimeRangeField("期间")

    objects = ScopedQuerySet["HelperAssignment"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶责任人"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            ExclusionConstraint(
                name="hardship_helper_one_at_a_time",
                expressions=[("file", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.account_id}"


class ReliefEvent(_OfFile):
    """What happened to a file, in order; what its review's trail doesn't say."""

    file = models.ForeignKey(HardshipFile, models.CASCADE, related_name="events", verbose_name="困难职工档案")
    what = models.CharField("事项", max_length=40)
    tone = models.CharField("语气", max_length=4, blank=True)
    actor_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("办理人", max_length=80)
    note = models.CharField("说明", max_length=500, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ScopedQuerySet["ReliefEvent"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶记录"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.file_id} {self.what}"


class HardshipPaper(_OfFile):
    """A paper of a file: what the worker added to his application, or later while it is being completed."""

    view_permission = "benefits.relief_papers"

    file = models.ForeignKey(HardshipFile, models.CASCADE, related_name="papers", verbose_name="困难职工档案")
    code = models.CharField("材料", max_length=40)
    label = models.CharField("材料名称", max_length=80)
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="文件")
    added_by = models.CharField("上传人", max_length=80)
    at = models.DateTimeField("上传时间", default=timezone.now)

    objects = ScopedQuerySet["HardshipPaper"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "困难帮扶材料"

    def __str__(self) -> str:
        return self.label
