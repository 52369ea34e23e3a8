"""The journal, attachments and messages. Nothing here points upward: accounts and unions are kept as plain values."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from unionhall.foundation.fields import PathField, SealedField
from unionhall.foundation.scope import ScopedModel, ScopedQuerySet


class AppendOnly(RuntimeError):
    """The journal is written once; nothing in it is changed or removed."""


class AppendOnlyQuerySet(ScopedQuerySet["JournalEntry"]):
    def update(self, **kwargs: Any) -> int:
        raise AppendOnly("journal entries are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("journal entries are never removed")

    def about(self, subject: models.Model) -> "AppendOnlyQuerySet":
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)


class JournalEntry(ScopedModel):
    """One thing done: who, when, what, to which object, where in the tree, why. Holds no personal data."""

    scope_path = ("path", "second_path")
    view_permission = "records.journal"

    at = models.DateTimeField("时间", default=timezone.now, editable=False)
    actor_id = models.BigIntegerField("账号编号", null=True, editable=False)
    actor_name = models.CharField("操作人", max_length=80)
    action = models.CharField("动作", max_length=60)
    subject_type = models.CharField("对象类型", max_length=60, blank=True)
    subject_id = models.BigIntegerField("对象编号", null=True)
    subject_label = models.CharField("对象", max_length=120, blank=True)
    path = PathField("所在组织路径", blank=True)
    second_path = PathField("产业路径", blank=True)
    reason = models.CharField("事由", max_length=500, blank=True)
    detail = models.JSONField("详情", default=dict)
    digest = models.CharField("批量摘要", max_length=64, blank=True)
    trace = models.CharField("追踪号", max_length=32, blank=True)
    mark = models.CharField("防伪标记", max_length=80, blank=True)
    # Where it stands in its lane; entries from before there were lanes have none.
    lane = models.IntegerField("道次", null=True, editable=False)
    place = models.BigIntegerField("道内序号", null=True, editable=False)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "日志"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="journal_subject"),
            models.Index(fields=["actor_id", "-id"], name="journal_actor"),
            models.Index(fields=["path", "-id"], name="journal_path"),
            models.Index(fields=["action", "-id"], name="journal_action"),
            models.Index(fields=["lane", "place"], name="journal_lane"),
            models.Index(fields=["at"], name="journal_at"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # A copied row would bear a mark that is taken.
            models.UniqueConstraint(fields=["mark"], condition=~models.Q(mark=""), name="journal_mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action}"

    @classmethod
    def under(cls, prefixes: Iterable[str]) -> models.Q:
        """Entries that concern a union in these subtrees."""
        return super().scope_q(prefixes)

    @classmethod
    def scope_q(cls, prefixes: Iterable[str]) -> models.Q:
        """Entries that concern no union (a search, a sign-in) belong to whoever audits the whole federation."""
        found = list(prefixes)
        condition = super().scope_q(found)
        return (
            condition | models.Q(path="")
            if any(len(one) <= PathField.SEGMENT for one in found)
            else condition
        )


class JournalBlock(models.Model):
    """A sealed run of entries: its digest covers the block before it, so altering one entry breaks all that follow."""

    unscoped_because: ClassVar[str] = "只有摘要，没有任何业务内容"

    number = models.BigIntegerField("块号", primary_key=True)
    count = models.PositiveIntegerField("条数")
    entry_ids = ArrayField(models.BigIntegerField(), verbose_name="日志编号", default=list)
    previous = models.CharField("上一块摘要", max_length=64)
    digest = models.CharField("本块摘要", max_length=64)
    sealed_at = models.DateTimeField("封存时间", default=timezone.now)
    #: Lane → the place up to which blocks hold it, after this block; and the places found empty: [[lane, place], …].
    lanes = models.JSONField("各道进度", default=dict, db_default={})
    gaps = models.JSONField("缺失", default=list, db_default=[])

    class Meta:
        verbose_name = verbose_name_plural = "日志封存块"

    def __str__(self) -> str:
        return f"{self.number} {self.digest[:12]}"


class JournalLane(models.Model):
    """A run of entries numbered without a gap (records.lanes): a writer holds a free one until its commit."""

    unscoped_because: ClassVar[str] = "只有序号和摘要，没有任何业务内容"

    number = models.IntegerField("道次", primary_key=True)
    count = models.BigIntegerField("最后序号", default=0)
    mark = models.CharField("防伪标记", max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "日志编号道"

    def __str__(self) -> str:
        return f"{self.number} {self.count}"


class JournalSeal(models.Model):
    """One entry's keyed digest in its block. A row beside the entry, so that sealing never updates the journal."""

    unscoped_because: ClassVar[str] = "只有摘要，没有任何业务内容"

    entry_id = models.BigIntegerField("日志编号", primary_key=True)
    block = models.ForeignKey(JournalBlock, models.PROTECT, verbose_name="封存块", related_name="seals")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "日志封签"

    def __str__(self) -> str:
        return f"{self.entry_id} {self.digest[:12]}"


class OutboxEvent(ScopedModel):
    """What happened, in the words of the public interface; written in the transaction that did it, sent on by a job.

    Holds ids, codes, days and counts. `former_path` and `former_second_path`: where it stood before, so that who
    loses it, in either chain, hears of it too.
    """

    scope_path = ("path", "second_path", "former_path", "former_second_path")
    view_permission = "records.journal"

    key = models.CharField("事件编号", max_length=40, unique=True)
    type = models.CharField("事件类型", max_length=40)
    at = models.DateTimeField("时间", default=timezone.now)
    path = PathField("所在组织路径", blank=True)
    second_path = PathField("产业路径", blank=True)
    former_path = PathField("原所在路径", blank=True)
    former_second_path = PathField("原产业路径", blank=True, db_default="")
    data = models.JSONField("内容", default=dict)
    taken_at = models.DateTimeField("分发时间", null=True, blank=True)

    objects = ScopedQuerySet["OutboxEvent"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待发事件"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], condition=models.Q(taken_at=None), name="outbox_waiting"),
            models.Index(fields=["at"], name="outbox_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.key}"

    @property
    def paths(self) -> tuple[str, ...]:
        former = (self.former_path, self.former_second_path)
        return tuple(path for path in (self.path, self.second_path, *former) if path)


class Attachment(ScopedModel):
    """A file kept sealed on disk (SM4). Its content is opened only through `records.attachments.open_attachment`."""

    scope_path = ("path", "second_path")
    view_permission = "records.attachments"
    owner_path = "owner_id"

    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.BigIntegerField("字节数")
    sm3 = models.CharField("内容摘要", max_length=64)
    location = models.CharField("存放位置", max_length=200, unique=True)
    path = PathField("所在组织路径", blank=True)
    second_path = PathField("产业路径", blank=True)
    owner_id = models.BigIntegerField("上传人", null=True, db_index=True)
    purpose = models.CharField("用途", max_length=60)
    created_at = models.DateTimeField("上传时间", default=timezone.now)
    expires_at = models.DateTimeField("到期清除", null=True, blank=True)

    objects = ScopedQuerySet["Attachment"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"

    def __str__(self) -> str:
        return self.name


class Draft(ScopedModel):
    """Answers given so far in a form of several pages: sealed, the account's own, gone when handed in or left alone.

    Papers added meanwhile are attachments of the account (`records.drafts`).
    """

    unscoped_because: ClassVar[str] = "本人未提交的草稿，只按账号读取"
    owner_path = "account_id"

    account_id = models.BigIntegerField("账号")
    form = models.CharField("表单", max_length=30)
    answers = SealedField("内容（加密）")
    updated_at = models.DateTimeField("修改时间", default=timezone.now, db_index=True)

    objects = ScopedQuerySet["Draft"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "表单草稿"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account_id", "form"], name="draft_once")
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.account_id}"


class Message(ScopedModel):
    """A message to one account, read on the phone or at the desk; the text carries no ID number or phone."""

    scope_path = ("path",)
    view_permission = "records.messages"
    owner_path = "recipient_id"

    recipient_id = models.BigIntegerField("收件账号")
    title = models.CharField("标题", max_length=100)
    body = models.TextField("内容", blank=True)
    url = models.CharField("前往", max_length=200, blank=True)
    path = PathField("发件组织路径", blank=True)
    created_at = models.DateTimeField("时间", default=timezone.now)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    objects = ScopedQuerySet["Message"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["recipient_id", "-id"], name="message_recipient"),
            models.Index(fields=["recipient_id"], condition=models.Q(read_at=None), name="message_unread"),
        ]

    def __str__(self) -> str:
        return self.title
