"""/ops/: how the machine is, failed jobs, verifying the journal."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import UniqueViolation

from unionhall.foundation.views import Page
from unionhall.members.models import RosterBatch
from unionhall.records.actions import journal

from .. import health
from ..tasks import verify_journal

MOVING = ("uploaded", "checking", "committing", "undoing")


class OpsHome(Page):
    permission = "ops.run"
    template_name = "portal/ops.html"

    def context(self) -> dict[str, Any]:
        found = health.findings()
        batches = RosterBatch.objects.everywhere(
            reason="operators see that a job runs, not whose names are in it"
        )
        return {
            "findings": found,
            "ill": [one for one in found if not one.well],
            "queues": health.queues(),
            "failed": health.failed_jobs(),
            "moving": batches.filter(state__in=MOVING).select_related("organisation").order_by("-pk")[:10],
            "verification": health.last_verification(),
            "rotation": health.rotation(),
            "versions": health.versions(),
        }


class VerifyJournal(Page):
    """Ask for a verification of the journal; a job does it."""

    permission = "ops.run"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        verify_journal.defer(account_id=self.access.account_id)
        messages.success(request, "已开始核验日志，完成后在本页和消息里显示结果。")
        return redirect("ops_home")


class RetryJob(Page):
    """Put a failed job back into its queue."""

    permission = "ops.run"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, job: int) -> HttpResponse:
        row = ProcrastinateJob.objects.filter(pk=job, status="failed").first()
        if row is None:
            raise Http404
        try:
            with transaction.atomic():
                app.job_manager.retry_job_by_id(job, retry_at=timezone.now())
        except UniqueViolation:
            messages.info(request, f"任务 {row.task_name} 已经有一个在排队，不需要重试这一个。")
            return redirect("ops_home")
        journal(
            self.actor,
            "portal.job_retried",
            label=row.task_name,
            detail={"job": job, "attempts": row.attempts},
        )
        messages.success(request, f"任务 {row.task_name} 已重新排队。")
        return redirect("ops_home")
