"""Addresses of 单位投保."""

from django.urls import URLPattern, path

from ..views import plans_desk as desks

desk: list[URLPattern] = [
    path("cover/plans/", desks.Plans.as_view(), name="desk_cover_plans"),
    path("cover/plans/new/", desks.NewPlan.as_view(), name="desk_cover_plan_new"),
    path("cover/plans/<int:pk>/", desks.PlanPage.as_view(), name="desk_cover_plan"),
    path("cover/plans/<int:pk>/list/", desks.Relist.as_view(), name="desk_cover_plan_relist"),
    path("cover/plans/<int:pk>/leave/", desks.LeaveOut.as_view(), name="desk_cover_plan_leave"),
    path("cover/plans/<int:pk>/take/", desks.TakeIn.as_view(), name="desk_cover_plan_take"),
    path("cover/plans/<int:pk>/submit/", desks.Submit.as_view(), name="desk_cover_plan_submit"),
    path("cover/plans/<int:pk>/cancel/", desks.Cancel.as_view(), name="desk_cover_plan_cancel"),
    path("cover/plans/<int:pk>/renew/", desks.Renew.as_view(), name="desk_cover_plan_renew"),
]
