"""Addresses of plans, tasks and their parts."""

from django.urls import URLPattern, path

from ..views import tasks_acts as acts
from ..views import tasks_desk as pages

desk: list[URLPattern] = [
    path("plans/", pages.Plans.as_view(), name="desk_plans"),
    path("plans/new/", acts.NewPlan.as_view(), name="desk_plan_new"),
    path("plans/<int:pk>/", pages.PlanPage.as_view(), name="desk_plan"),
    path("plans/<int:pk>/close/", acts.ClosePlan.as_view(), name="desk_plan_close"),
    path("tasks/", pages.Tasks.as_view(), name="desk_tasks"),
    path("tasks/new/", acts.Give.as_view(), name="desk_task_new"),
    path("tasks/parts/", pages.Parts.as_view(), name="desk_task_parts"),
    path("tasks/parts/<int:pk>/", pages.PartPage.as_view(), name="desk_task_part"),
    path("tasks/parts/<int:pk>/reply/", acts.Reply.as_view(), name="desk_task_part_reply"),
    path("tasks/parts/<int:pk>/up/", acts.HandUp.as_view(), name="desk_task_part_up"),
    path("tasks/parts/<int:pk>/down/", acts.HandDown.as_view(), name="desk_task_part_down"),
    path("tasks/parts/<int:pk>/accept/", acts.Accept.as_view(), name="desk_task_part_accept"),
    path("tasks/parts/<int:pk>/return/", acts.Return.as_view(), name="desk_task_part_return"),
    path("tasks/parts/<int:pk>/withdraw/", acts.Withdraw.as_view(), name="desk_task_part_withdraw"),
    path("tasks/<slug:slug>/", pages.TaskPage.as_view(), name="desk_task"),
    path("tasks/<slug:slug>/ask/", acts.Ask.as_view(), name="desk_task_ask"),
    path("tasks/<slug:slug>/merge/", acts.Merge.as_view(), name="desk_task_merge"),
    path("tasks/<slug:slug>/close/", acts.Close.as_view(), name="desk_task_close"),
]
