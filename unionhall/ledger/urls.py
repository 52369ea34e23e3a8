"""Addresses of money."""

from django.urls import URLPattern, path

from .views.accounts import Accounts, CloseMonth
from .views.batches import Batches, BatchPage, Check, Dissolve, Make, Submit
from .views.budgets import BudgetPage, Budgets, ChangeBudget, OpenBudget
from .views.files import BankFile, Download, ReturnPage, Returns
from .views.payments import DropPayment, PaymentPage, Payments, Retry, Reverse, SettleRecovery
from .views.worker import MyAccount, MyPayment, MyPayments

worker: list[URLPattern] = [
    path("payments/", MyPayments.as_view(), name="m_payments"),
    path("payments/account/", MyAccount.as_view(), name="m_payee"),
    path("payments/<int:pk>/", MyPayment.as_view(), name="m_payment"),
]
desk: list[URLPattern] = [
    path("payments/", Payments.as_view(), name="desk_payments"),
    path("payments/<int:pk>/", PaymentPage.as_view(), name="desk_payment"),
    path("payments/<int:pk>/reverse/", Reverse.as_view(), name="desk_payment_reverse"),
    path("payments/<int:pk>/retry/", Retry.as_view(), name="desk_payment_retry"),
    path("payments/<int:pk>/drop/", DropPayment.as_view(), name="desk_payment_drop"),
    path("payments/recoveries/<int:pk>/", SettleRecovery.as_view(), name="desk_recovery"),
    path("payments/batches/", Batches.as_view(), name="desk_batches"),
    path("payments/batches/new/", Make.as_view(), name="desk_batch_new"),
    path("payments/batches/<slug:slug>/", BatchPage.as_view(), name="desk_batch"),
    path("payments/batches/<slug:slug>/submit/", Submit.as_view(), name="desk_batch_submit"),
    path("payments/batches/<slug:slug>/check/", Check.as_view(), name="desk_batch_check"),
    path("payments/batches/<slug:slug>/dissolve/", Dissolve.as_view(), name="desk_batch_dissolve"),
    path("payments/batches/<slug:slug>/file/", BankFile.as_view(), name="desk_batch_file"),
    path("payments/batches/<slug:slug>/download/", Download.as_view(), name="desk_batch_download"),
    # One address for every batch: a file names its own, and larger files are let in by address.
    path("payments/returns/", Returns.as_view(), name="desk_bank_returns"),
    path("payments/returns/<int:pk>/", ReturnPage.as_view(), name="desk_bank_return"),
    path("payments/budgets/", Budgets.as_view(), name="desk_budgets"),
    path("payments/budgets/new/", OpenBudget.as_view(), name="desk_budget_new"),
    path("payments/budgets/<int:pk>/", BudgetPage.as_view(), name="desk_budget"),
    path("payments/budgets/<int:pk>/change/", ChangeBudget.as_view(), name="desk_budget_change"),
    path("payments/books/", Accounts.as_view(), name="desk_books"),
    path("payments/books/<slug:slug>/close/", CloseMonth.as_view(), name="desk_month_close"),
]
