"""Addresses of the window; kiosk, ticket and board open by the hall's key, everything else by `window.serve`."""

from django.urls import URLPattern, path

from .views import figures, halls, matters, papers, queue, reception

window: list[URLPattern] = [
    path("", reception.Home.as_view(), name="window_home"),
    path("find/", reception.Find.as_view(), name="window_find"),
    path("receive/", reception.Receive.as_view(), name="window_receive"),
    path("register/", reception.Register.as_view(), name="window_register"),
    path("seat/", queue.Seat.as_view(), name="window_seat"),
    path("queue/", queue.Queue.as_view(), name="window_queue"),
    path("r/<int:pk>/", reception.ReceptionPage.as_view(), name="window_reception"),
    path("r/<int:pk>/close/", reception.Close.as_view(), name="window_close"),
    path("r/<int:pk>/authorise/", reception.Authorise.as_view(), name="window_authorise"),
    path("r/<int:pk>/by/", reception.ActBy.as_view(), name="window_act_by"),
    path("r/<int:pk>/paper/", reception.Paper.as_view(), name="window_paper"),
    path("r/<int:pk>/take/<slug:matter>/", matters.Take.as_view(), name="window_take"),
    path("r/<int:pk>/complete/<slug:number>/", matters.Complete.as_view(), name="window_complete"),
    path("r/<int:pk>/fetch/<int:intake>/", matters.HandOver.as_view(), name="window_hand_over"),
    path("figures/", figures.Figures.as_view(), name="window_figures"),
    path("waits/", figures.Waits.as_view(), name="window_waits"),
    path("intakes/", figures.Intakes.as_view(), name="window_intakes"),
    path("intakes/<slug:slug>/", matters.Receipt.as_view(), name="window_receipt"),
    path("halls/", halls.Halls.as_view(), name="window_halls"),
    path("halls/new/", halls.NewHall.as_view(), name="window_hall_new"),
    path("halls/<int:pk>/", halls.HallPage.as_view(), name="window_hall"),
    path("halls/<int:pk>/edit/", halls.EditHall.as_view(), name="window_hall_edit"),
    path("halls/<int:pk>/kind/", halls.SaveKind.as_view(), name="window_hall_kind"),
    path("halls/<int:pk>/key/", halls.RenewKey.as_view(), name="window_hall_key"),
    path("kiosk/<str:key>/", queue.Kiosk.as_view(), name="window_kiosk"),
    path("kiosk/<str:key>/<str:token>/", queue.TicketPage.as_view(), name="window_ticket"),
    path("board/<str:key>/", queue.Board.as_view(), name="window_board"),
    path("card-reader/", halls.MockReader.as_view(), name="window_card_reader"),
    path("papers/", papers.Batches.as_view(), name="window_papers"),
    path("papers/new/", papers.NewBatch.as_view(), name="window_papers_new"),
    path("papers/<int:pk>/", papers.BatchPage.as_view(), name="window_papers_batch"),
    path("papers/<int:pk>/<int:row>/", papers.SettleRow.as_view(), name="window_papers_row"),
]
