"""Addresses of visits."""

from django.urls import URLPattern, path

from ..views import checks, contacts, duties, items, photos, slips, tables, visits
from ..views.worker import MyItem, MyVisits, RateItem

public: list[URLPattern] = [
    path("visits/rate/", slips.EnterCode.as_view(), name="public_visit_rate"),
    path("visits/rate/<slug:code>/", slips.Slip.as_view(), name="public_visit_slip"),
    path("visits/rate/<slug:code>/<int:item>/", slips.RateBySlip.as_view(), name="public_visit_slip_rate"),
]
worker: list[URLPattern] = [
    path("visits/", MyVisits.as_view(), name="m_visits"),
    path("visits/items/<int:pk>/", MyItem.as_view(), name="m_visit_item"),
    path("visits/items/<int:pk>/rate/", RateItem.as_view(), name="m_visit_item_rate"),
]
desk: list[URLPattern] = [
    path("visits/", visits.Visits.as_view(), name="desk_visits"),
    path("visits/new/", visits.NewVisit.as_view(), name="desk_visit_new"),
    path("visits/<int:pk>/", visits.VisitPage.as_view(), name="desk_visit"),
    path("visits/<int:pk>/stops/", visits.AddStops.as_view(), name="desk_visit_stops"),
    path(
        "visits/<int:pk>/stops/<int:stop>/remove/",
        visits.RemoveStop.as_view(),
        name="desk_visit_stop_remove",
    ),
    path("visits/<int:pk>/done/", visits.Done.as_view(), name="desk_visit_done"),
    path("visits/<int:pk>/write/", visits.Write.as_view(), name="desk_visit_write"),
    path("visits/<int:pk>/day/", visits.ChangeDay.as_view(), name="desk_visit_day"),
    path("visits/<int:pk>/cancel/", visits.Cancel.as_view(), name="desk_visit_cancel"),
    path("visits/<int:pk>/photo/", visits.AddPhoto.as_view(), name="desk_visit_photo"),
    path("visits/<int:pk>/photos/<int:photo>/", photos.OpenPhoto.as_view(), name="desk_visit_photo_open"),
    path("visits/<int:pk>/slips/", slips.Slips.as_view(), name="desk_visit_slips"),
    path("visits/<int:pk>/items/new/", items.NewItem.as_view(), name="desk_visit_item_new"),
    path("visits/items/", items.Items.as_view(), name="desk_visit_items"),
    path("visits/items/<int:pk>/", items.ItemPage.as_view(), name="desk_visit_item"),
    path("visits/items/<int:pk>/reply/", items.Settle.as_view(), name="desk_visit_item_reply"),
    path("visits/items/<int:pk>/assign/", items.Assign.as_view(), name="desk_visit_item_assign"),
    path("visits/items/<int:pk>/hand/", items.HandOn.as_view(), name="desk_visit_item_hand"),
    path("visits/items/<int:pk>/urge/", items.Urge.as_view(), name="desk_visit_item_urge"),
    path("visits/duties/", duties.Duties.as_view(), name="desk_visit_duties"),
    path("visits/duties/new/", duties.NewDuty.as_view(), name="desk_visit_duty_new"),
    path("visits/duties/<int:pk>/", duties.DutyPage.as_view(), name="desk_visit_duty"),
    path("visits/duties/<int:pk>/assign/", duties.AssignDuty.as_view(), name="desk_visit_duty_assign"),
    path("visits/duties/<int:pk>/urge/", duties.UrgeDuty.as_view(), name="desk_visit_duty_urge"),
    path("visits/duties/<int:pk>/explain/", duties.ExplainDuty.as_view(), name="desk_visit_duty_explain"),
    path("visits/duties/<int:pk>/void/", duties.VoidDuty.as_view(), name="desk_visit_duty_void"),
    path("visits/checks/", checks.Checks.as_view(), name="desk_visit_checks"),
    path("visits/checks/<int:pk>/", checks.CheckBack.as_view(), name="desk_visit_check"),
    path("visits/table/", tables.Table.as_view(), name="desk_visit_table"),
    path("visits/table/print/", tables.TablePrint.as_view(), name="desk_visit_table_print"),
    path("visits/table/export/", tables.TableExport.as_view(), name="desk_visit_table_export"),
    path("visits/office/", tables.Office.as_view(), name="desk_office"),
    path("visits/office/new/", tables.RecordMonth.as_view(), name="desk_office_new"),
    path("contacts/", contacts.Contacts.as_view(), name="desk_contacts"),
    path("contacts/new/", contacts.NewContact.as_view(), name="desk_contact_new"),
    path("contacts/<int:pk>/end/", contacts.EndContact.as_view(), name="desk_contact_end"),
    path("contacts/firms/", contacts.Firms.as_view(), name="desk_difficult_firms"),
    path("contacts/firms/new/", contacts.NewFirm.as_view(), name="desk_difficult_firm_new"),
    path("contacts/firms/<int:pk>/leave/", contacts.LeaveFirm.as_view(), name="desk_difficult_firm_leave"),
]
