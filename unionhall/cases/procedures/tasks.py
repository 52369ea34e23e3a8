"""Tasks among the kinds of cases: nothing is merged while a part is open, and none stays open when the task ends."""

from datetime import date

from unionhall.foundation.actors import Actor
from unionhall.foundation.calendar_changes import on_change
from unionhall.foundation.errors import Refused
from unionhall.records.actions import journal

from .. import kinds
from ..models import Case, TaskPart
from ..schemes.tasks import TaskScheme

__all__ = ["TASK"]


def guard(actor: Actor, case: Case, code: str) -> None:
    if code != "merge":
        return
    parts = list(case.parts.all())
    if not parts:
        raise Refused("还没有分工，请先交办给下级工会或部门。")
    waiting = sum(one.state in {TaskPart.State.GIVEN, TaskPart.State.RETURNED} for one in parts)
    if waiting:
        raise Refused(f"还有 {waiting} 项分工没有答复，答复齐后再汇总；不再需要的请撤回。")


def settle(actor: Actor, case: Case, code: str) -> None:
    """A task that is withdrawn takes with it the parts that nobody has answered; what was made of one goes on alone."""
    if case.closed_at is None:
        return
    waiting = case.parts.filter(state__in=[TaskPart.State.GIVEN, TaskPart.State.RETURNED])
    if gone := list(waiting.order_by("pk").values_list("pk", flat=True)):
        waiting.update(state=TaskPart.State.WITHDRAWN)
        journal(
            actor, "cases.part_settled", subject=case, label=case.number, paths=case.organisation.paths,
            detail={"parts": gone, "state": str(TaskPart.State.WITHDRAWN)},
        )  # fmt: skip


def facts(case: Case) -> list[tuple[str, str]]:
    task = case.task
    found = [("目标", task.target), ("完成期限", f"{task.due_on:%Y-%m-%d}"), ("进度", f"{task.progress}%")]
    if task.plan is not None:
        found.append(("规划", task.plan.title))
    return found


TASK = kinds.Kind(
    code="task",
    title="联动任务",
    prefix="RW",
    scheme=TaskScheme,
    view="cases.tasks",
    handle="cases.tasks_handle",
    facts=facts,
    desk_moves=frozenset({"reopen", "withdraw"}),
    guards=(guard,),
    follows=(settle,),
    template="cases/tasks/panel.html",
)
kinds.register(TASK)


@on_change
def recompute(day: date) -> None:
    """Supervision notes that wait are due by the new calendar."""
    from ..tasks.incidents import recompute_supervision

    recompute_supervision.defer()
