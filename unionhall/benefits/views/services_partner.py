"""The merchant's counter: one scan redeems; without a network codes are collected and handed in; monthly statements."""

import csv
import io
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from unionhall.foundation import throttling
from unionhall.foundation.errors import Refused
from unionhall.foundation.headers import PERMISSIONS
from unionhall.foundation.permissions import EVERYONE
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Act, Create, Detail, List, Page, Requires
from unionhall.foundation.views.reading import Scoped
from unionhall.kit import vouchers
from unionhall.members.cards import public_keys
from unionhall.records.actions import journal

from ..actions import redeeming, settling
from ..catalogue import version_in
from ..forms.member_services import OfflineForm, RedeemForm, WordsForm
from ..models import OfflineUpload, Reconciliation, Redemption, Teller
from .statements import details, export

#: Codes that are none, from one account: more is guessing, not scanning.
BAD_CODES, BAD_CODES_WINDOW = 30, timedelta(minutes=10)
_SCANNING = PERMISSIONS.replace("camera=()", "camera=(self)")
_WHY = "what the reader's own merchant redeemed"
LATEST = 8


class _Counter(Requires):
    """A page of the till that the account works at; without one it says so."""

    permission = "benefits.redeem"

    @cached_property
    def teller(self) -> Teller | None:
        return redeeming.teller_of(self.actor)

    @property
    def till(self) -> Teller:
        """The till, or 404 where a page is about a merchant's own things."""
        if self.teller is None:
            raise Http404
        return self.teller

    def tabs(self, here: str) -> list[dict[str, Any]]:
        items = (
            ("核销", "partner_redeem"),
            ("离线补传", "partner_offline"),
            ("对账单", "partner_statements"),
        )
        return [{"label": label, "url": reverse(name), "current": name == here} for label, name in items]


class Redeem(_Counter, Page):
    """/partner/redeem/: scan or type, one press; the answer in colour and words above the next field."""

    template_name = "benefits/partner/redeem.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response["Permissions-Policy"] = _SCANNING
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        code = request.GET.get("code", "")[:400]
        form = RedeemForm(initial={"code": code})
        return self.render_to_response(self.get_context_data(form=form, scanned=bool(code)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = RedeemForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        key = str(self.access.account_id)
        if wait := throttling.waiting("redeem", key, limit=BAD_CODES):
            words = f"输错的券码太多，请 {-(-wait.seconds // 60)} 分钟后再试。"
            found = redeeming.Redeemed(False, words)
            return self.render_to_response(self.get_context_data(form=RedeemForm(), found=found), status=429)
        try:
            if self.teller is None:
                raise Refused("这个账号没有绑定商户，不能核销。请联系签约工会开通。")
            found = redeeming.redeem(self.actor, teller=self.teller, code=form.cleaned_data["code"])
        except Refused as refusal:
            found = redeeming.Redeemed(False, str(refusal))
        if found.unknown:
            throttling.take("redeem", key, limit=BAD_CODES, per=BAD_CODES_WINDOW)
        kept = form if not found.done and not found.again else RedeemForm()
        return self.render_to_response(self.get_context_data(form=kept, found=found))

    def context(self) -> dict[str, Any]:
        found: dict[str, Any] = {"tabs": self.tabs("partner_redeem"), "teller": self.teller, "tone": ""}
        if self.teller is None:
            return found
        rows = Redemption.objects.everywhere(reason=_WHY).filter(merchant=self.teller.merchant)
        latest = rows.select_related("service", "voucher", "outlet").order_by("-pk")[:LATEST]
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return found | {"latest": list(latest), "today": rows.filter(at__gte=midnight).count()}


class Keys(Requires):
    """/partner/redeem/keys.json: what verifies a signed code without a network (docs/voucher.md)."""

    permission = EVERYONE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        keys = [{"id": number, "public": key} for number, key in public_keys().items()]
        context = vouchers.CONTEXT.decode()
        return JsonResponse({"algorithm": "Ed25519", "context": context, "kind": vouchers.KIND, "keys": keys})


class Offline(_Counter, Create):
    """/partner/redeem/offline/: collect codes while there is no network; hand them in afterwards."""

    template_name = "benefits/partner/offline.html"
    form_class = OfflineForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response["Permissions-Policy"] = _SCANNING
        return response

    def act(self, form: OfflineForm) -> OfflineUpload:
        if self.teller is None:
            raise Refused("这个账号没有绑定商户，不能核销。请联系签约工会开通。")
        text = form.cleaned_data["codes"]
        if file := form.cleaned_data["file"]:
            text += "\n" + _decoded(file.read(600_000))
        return redeeming.take_offline(self.actor, teller=self.teller, rows=offline_rows(text))

    def get_success_url(self) -> str:
        return reverse("partner_upload", args=[self.result.pk])

    def context(self) -> dict[str, Any]:
        found: dict[str, Any] = {"tabs": self.tabs("partner_offline"), "teller": self.teller}
        if self.teller is None:
            return found
        division = self.teller.merchant.organisation.division
        uploads = OfflineUpload.objects.everywhere(reason=_WHY).filter(merchant=self.teller.merchant)
        hours = version_in(division, timezone.localdate()).parameters.offline_hours
        return found | {"hours": hours, "uploads": list(uploads.defer("answers").order_by("-pk")[:LATEST])}


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("看不懂文件的文字编码。请存为 UTF-8 编码的文本或 CSV。", "file")


def offline_rows(text: str) -> list[redeeming.OfflineRow]:
    """Lines of code and time. A heading is passed over; a line that cannot be read is answered by itself."""
    found = []
    lines = text.replace("，", ",").replace("\t", ",").replace("；", ",").replace("\0", "").splitlines()
    for number, cells in enumerate(csv.reader(io.StringIO("\n".join(lines))), start=1):
        parts = [cell.strip() for cell in cells if cell.strip()]
        if not parts or parts[0].startswith("券码"):
            continue
        at, fault = None, ""
        if len(parts) > 1:
            at = _moment(" ".join(parts[1:3]) if len(parts) > 2 else parts[1])
            fault = "" if at is not None else "核销时间看不懂，请写成 2026-05-04 12:30。"
        found.append(redeeming.OfflineRow(number, parts[0][:400], at, fault))
    return found


def _moment(text: str) -> datetime | None:
    try:
        at = parse_datetime(text.replace("/", "-"))
    except ValueError:
        return None
    if at is None:
        return None
    return timezone.make_aware(at) if timezone.is_naive(at) else at


class Upload(_Counter, Detail):
    """/partner/redeem/offline/<pk>/: every row with its answer."""

    model = OfflineUpload
    template_name = "benefits/partner/upload.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = OfflineUpload.objects.everywhere(reason=_WHY)
        return rows.filter(merchant=self.till.merchant)

    def context(self) -> dict[str, Any]:
        return {"tabs": self.tabs("partner_offline"), "teller": self.till}


class Statements(_Counter, List):
    """/partner/statements/: of the merchant, the latest first."""

    model = Reconciliation
    template_name = "benefits/partner/statements.html"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Reconciliation.objects.everywhere(reason=_WHY)
        return rows.filter(merchant=self.teller.merchant) if self.teller else rows.none()

    def context(self) -> dict[str, Any]:
        return {"tabs": self.tabs("partner_statements"), "teller": self.teller}


class _OnStatement(_Counter, Scoped):
    model = Reconciliation

    def get_queryset(self) -> ScopedQuerySet[Any]:
        rows = Reconciliation.objects.everywhere(reason=_WHY).select_related("merchant__organisation")
        return rows.filter(merchant=self.till.merchant)


class Statement(_OnStatement, Detail):
    """/partner/statements/<pk>/: counted by service, then agreed to or disputed."""

    template_name = "benefits/partner/statement.html"

    def context(self) -> dict[str, Any]:
        return details(self.object) | {"tabs": self.tabs("partner_statements"), "teller": self.till}


class _ActOnStatement(_OnStatement, Act):
    template_name = "benefits/partner/dispute.html"

    def get_success_url(self) -> str:
        return reverse("partner_statement", args=[self.object.pk])

    def context(self) -> dict[str, Any]:
        return {"tabs": self.tabs("partner_statements"), "teller": self.till}


class Agree(_ActOnStatement):
    """POST: the statement is right."""

    http_method_names = ("post",)
    success_message = "已确认，等工会确认后结算。"

    def act(self, form: Any) -> Reconciliation:
        return settling.agree(self.actor, teller=self.till, reconciliation=self.object)


class Dispute(_ActOnStatement):
    """What is wrong with it."""

    form_class = WordsForm
    success_message = "已提交异议，签约工会核实后答复。"

    def act(self, form: WordsForm) -> Reconciliation:
        words = form.cleaned_data["words"]
        return settling.dispute(self.actor, teller=self.till, reconciliation=self.object, words=words)


class StatementFile(_OnStatement, Detail):
    """Every redemption of the statement, as a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found: Reconciliation = self.object
        journal(
            self.actor, "benefits.statement_exported", subject=found, paths=found.merchant.organisation.paths
        )
        return export(found)
