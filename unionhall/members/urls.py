"""Addresses of members' pages."""

from django.urls import URLPattern, path

from .views import (
    card,
    desks,
    detail,
    editing,
    explaining,
    exports,
    households,
    imports,
    register,
    search,
    who_saw,
)
from .views import public as checking
from .views import worker as own

worker: list[URLPattern] = [
    path("who-saw/", who_saw.WhoSaw.as_view(), name="m_who_saw"),
    path("card/", card.ShowCard.as_view(), name="m_card"),
    path("card/paper/", card.Paper.as_view(), name="m_card_paper"),
    path("card/paper/print/", card.PaperPrint.as_view(), name="m_card_paper_print"),
    path("card/loss/", card.Loss.as_view(), name="m_card_loss"),
    path("identity/", own.Identity.as_view(), name="m_identity"),
    path("profile/edit/", own.EditProfile.as_view(), name="m_profile_edit"),
    path("profile/reveal/<slug:what>/", own.RevealOwn.as_view(), name="m_reveal"),
    path("profile/phone/", own.ChangePhone.as_view(), name="m_phone"),
    path("profile/phone/code/", own.ConfirmPhone.as_view(), name="m_phone_code"),
    path("profile/history/", own.History.as_view(), name="m_history"),
    path("consents/", own.Consents.as_view(), name="m_consents"),
    path("consents/<slug:purpose>/withdraw/", own.WithdrawConsent.as_view(), name="m_consent_withdraw"),
]
desk: list[URLPattern] = [
    path("imports/", imports.Imports.as_view(), name="desk_imports"),
    path("imports/upload/", imports.Upload.as_view(), name="desk_import_upload"),
    path("imports/template/", imports.ImportTemplate.as_view(), name="desk_import_template"),
    path("imports/<int:pk>/", imports.Import.as_view(), name="desk_import"),
    path("imports/<int:pk>/progress/", imports.ImportProgress.as_view(), name="desk_import_progress"),
    path("imports/<int:pk>/errors.xlsx", imports.ImportErrors.as_view(), name="desk_import_errors"),
    path("imports/<int:pk>/commit/", imports.ImportCommit.as_view(), name="desk_import_commit"),
    path("imports/<int:pk>/discard/", imports.ImportDiscard.as_view(), name="desk_import_discard"),
    path("imports/<int:pk>/undo/", imports.ImportUndo.as_view(), name="desk_import_undo"),
    path("imports/<int:pk>/resume/", imports.ImportResume.as_view(), name="desk_import_resume"),
    path("members/", register.Members.as_view(), name="desk_members"),
    path("members/find/", register.FindByNumber.as_view(), name="desk_member_find"),
    path("members/batch/", register.MemberBatch.as_view(), name="desk_member_batch"),
    path("members/message/", register.MessageMembers.as_view(), name="desk_member_message"),
    path("members/new/", editing.Register.as_view(), name="desk_member_new"),
    path("members/<int:pk>/", detail.Member.as_view(), name="desk_member"),
    path("members/<int:pk>/edit/", editing.Edit.as_view(), name="desk_member_edit"),
    path("members/<int:pk>/employment/", editing.ChangeEmployment.as_view(), name="desk_member_employment"),
    path("members/<int:pk>/household/", households.Household.as_view(), name="desk_member_household"),
    path("members/<int:pk>/reveal/<slug:what>/", detail.Reveal.as_view(), name="desk_member_reveal"),
    path("members/<int:pk>/card/<slug:verb>/", detail.CardAct.as_view(), name="desk_member_card"),
    path("exports/", exports.Exports.as_view(), name="desk_exports"),
    path("exports/new/", exports.AskExport.as_view(), name="desk_export_new"),
    path("exports/<int:pk>/", exports.ExportProgress.as_view(), name="desk_export"),
    path("exports/<int:pk>/download/", exports.DownloadExport.as_view(), name="desk_export_download"),
    path("settings/accounts/<int:pk>/person/", desks.NameDesk.as_view(), name="desk_account_person"),
    path("settings/explain/", explaining.Explain.as_view(), name="desk_explain"),
    path("search/", search.Search.as_view(), name="desk_search"),
    path("journal/person/", who_saw.JournalOfPerson.as_view(), name="desk_journal_person"),
]
public: list[URLPattern] = [
    path("verify/", checking.VerifyForm.as_view(), name="public_verify_form"),
    path("verify/keys.json", checking.VerifyKeys.as_view(), name="public_verify_keys"),
    path("verify/<slug:token>", checking.Verify.as_view(), name="public_verify"),
]
