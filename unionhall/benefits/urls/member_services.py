"""Addresses of 会员服务: the phone, the merchant's counter, the desk."""

from django.urls import URLPattern, path

from ..views import merchants_desk as merchants
from ..views import services_desk as desks
from ..views import services_partner as counter
from ..views import services_worker as own
from ..views import statements_desk as statements

worker: list[URLPattern] = [
    path("benefits/services/", own.Catalogue.as_view(), name="m_services"),
    path("benefits/services/outlets/", own.Outlets.as_view(), name="m_outlets"),
    path("benefits/services/<int:pk>/", own.ServicePage.as_view(), name="m_service"),
    path("benefits/vouchers/", own.MyVouchers.as_view(), name="m_vouchers"),
    path("benefits/vouchers/<int:pk>/", own.VoucherPage.as_view(), name="m_voucher"),
    path("benefits/vouchers/<int:pk>/cancel/", own.CancelVoucher.as_view(), name="m_voucher_cancel"),
    path("benefits/vouchers/<int:pk>/rate/", own.RateVoucher.as_view(), name="m_voucher_rate"),
]
partner: list[URLPattern] = [
    path("redeem/", counter.Redeem.as_view(), name="partner_redeem"),
    path("redeem/keys.json", counter.Keys.as_view(), name="partner_keys"),
    path("redeem/offline/", counter.Offline.as_view(), name="partner_offline"),
    path("redeem/offline/<int:pk>/", counter.Upload.as_view(), name="partner_upload"),
    path("statements/", counter.Statements.as_view(), name="partner_statements"),
    path("statements/<int:pk>/", counter.Statement.as_view(), name="partner_statement"),
    path("statements/<int:pk>/agree/", counter.Agree.as_view(), name="partner_statement_agree"),
    path("statements/<int:pk>/dispute/", counter.Dispute.as_view(), name="partner_statement_dispute"),
    path("statements/<int:pk>/file/", counter.StatementFile.as_view(), name="partner_statement_file"),
]
desk: list[URLPattern] = [
    path("services/", desks.Services.as_view(), name="desk_services"),
    path("services/export/", desks.Export.as_view(), name="desk_services_export"),
    path("services/template/", desks.CatalogueTemplate.as_view(), name="desk_catalogue_template"),
    path("services/import/", desks.ReadCatalogue.as_view(), name="desk_catalogue"),
    path("services/import/<int:pk>/", desks.CatalogueReading.as_view(), name="desk_catalogue_import"),
    path("services/import/<int:pk>/errors/", desks.CatalogueFaults.as_view(), name="desk_catalogue_errors"),
    path("services/<int:pk>/", desks.ServiceDetail.as_view(), name="desk_service"),
    path("services/<int:pk>/edit/", desks.EditService.as_view(), name="desk_service_edit"),
    path("services/<int:pk>/state/<slug:state>/", desks.ServiceState.as_view(), name="desk_service_state"),
    path("services/merchants/", merchants.Merchants.as_view(), name="desk_merchants"),
    path("services/merchants/new/", merchants.NewMerchant.as_view(), name="desk_merchant_new"),
    path("services/merchants/<int:pk>/", merchants.MerchantPage.as_view(), name="desk_merchant"),
    path("services/merchants/<int:pk>/edit/", merchants.EditMerchant.as_view(), name="desk_merchant_edit"),
    path("services/merchants/<int:pk>/services/", desks.NewService.as_view(), name="desk_service_new"),
    path("services/merchants/<int:pk>/outlets/", merchants.NewOutlet.as_view(), name="desk_outlet_new"),
    path("services/merchants/<int:pk>/tellers/", merchants.NewTeller.as_view(), name="desk_teller_new"),
    path("services/outlets/<int:pk>/", merchants.EditOutlet.as_view(), name="desk_outlet"),
    path("services/tellers/<int:pk>/end/", merchants.EndTeller.as_view(), name="desk_teller_end"),
    path("services/statements/", statements.Statements.as_view(), name="desk_statements"),
    path("services/statements/make/", statements.MakeStatements.as_view(), name="desk_statements_make"),
    path("services/statements/<int:pk>/", statements.StatementPage.as_view(), name="desk_statement"),
    path(
        "services/statements/<int:pk>/file/", statements.StatementFile.as_view(), name="desk_statement_file"
    ),
    path(
        "services/statements/<int:pk>/answer/",
        statements.AnswerStatement.as_view(),
        name="desk_statement_answer",
    ),
    path(
        "services/statements/<int:pk>/confirm/",
        statements.ConfirmStatement.as_view(),
        name="desk_statement_confirm",
    ),
]
