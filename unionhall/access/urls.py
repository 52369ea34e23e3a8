"""Addresses of access: signing in and out; the desk's accounts and grants."""

from django.urls import URLPattern, path

from .views import accounts, devices, passwords, phones, provider, sign_in

public: list[URLPattern] = [
    path("sign-in/", sign_in.DeskSignIn.as_view(), name="sign_in"),
    path("sign-in/second/", sign_in.SecondFactor.as_view(), name="sign_in_second"),
    path("sign-in/enrol/", sign_in.Enrol.as_view(), name="sign_in_enrol"),
    path("sign-in/password/", passwords.InitialPassword.as_view(), name="sign_in_password"),
    path("sign-in/provider/", provider.ToProvider.as_view(), name="provider_sign_in"),
    path("sign-in/provider/back/", provider.FromProvider.as_view(), name="provider_callback"),
    path("sign-out/", sign_in.SignOut.as_view(), name="sign_out"),
    path("account/password/", passwords.ChangePassword.as_view(), name="password_change"),
    path("account/sessions/", devices.Sessions.as_view(), name="own_sessions"),
    path("account/sessions/others/", devices.EndOthers.as_view(), name="own_sessions_end"),
    path("account/sessions/<int:pk>/", devices.EndSession.as_view(), name="own_session_end"),
]
worker: list[URLPattern] = [
    path("sign-in/", phones.WorkerSignIn.as_view(), name="m_sign_in"),
    path("sign-in/code/", phones.WorkerSignInCode.as_view(), name="m_sign_in_code"),
    path("sign-in/owner/", phones.WorkerOwner.as_view(), name="m_sign_in_owner"),
    path("sessions/", devices.Sessions.as_view(), name="m_sessions"),
    path("sessions/others/", devices.EndOthers.as_view(), name="m_sessions_end"),
    path("sessions/<int:pk>/", devices.EndSession.as_view(), name="m_session_end"),
]
desk: list[URLPattern] = [
    path("settings/accounts/", accounts.Accounts.as_view(), name="desk_accounts"),
    path("settings/accounts/new/", accounts.OpenAccount.as_view(), name="desk_account_new"),
    path("settings/accounts/<int:pk>/", accounts.AccountDetail.as_view(), name="desk_account"),
    path("settings/accounts/<int:pk>/grant/", accounts.GiveGrant.as_view(), name="desk_account_grant"),
    path(
        "settings/accounts/<int:pk>/password/", accounts.ResetPassword.as_view(), name="desk_account_password"
    ),
    path(
        "settings/accounts/<int:pk>/second-factor/",
        accounts.ResetSecondFactor.as_view(),
        name="desk_account_second_factor",
    ),
    path("settings/accounts/<int:pk>/sessions/", devices.EndAll.as_view(), name="desk_account_sessions"),
    path(
        "settings/accounts/<int:pk>/provider/", provider.LinkProvider.as_view(), name="desk_account_provider"
    ),
    path("settings/accounts/<int:pk>/close/", accounts.CloseAccount.as_view(), name="desk_account_close"),
    path("settings/grants/<int:pk>/revoke/", accounts.RevokeGrant.as_view(), name="desk_grant_revoke"),
]
