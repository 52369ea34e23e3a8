"""The code on the slip that a visit leaves behind: with it a firm or a worker without an account rates the answer."""

from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import CODE, ring
from unionhall.kit import vouchers

from .models import Visit, VisitStop

WHY = "whoever holds the slip's unguessable code was visited"


def index_of(code: str) -> bytes:
    return ring().index(CODE, code)


def stop_of(text: str) -> VisitStop | None:
    """The stop whose slip bears this code, of a visit that was made. Raises Refused for what is no code."""
    try:
        code = vouchers.normalise(text)
    except vouchers.VoucherCodeError:
        raise Refused(
            "这不是评价码，或有一位不对。评价码是走访回执上的 10 位字母和数字。", field="code"
        ) from None
    rows = VisitStop.objects.everywhere(reason=WHY).filter(visit__state__in=Visit.MADE)
    return rows.filter(code_index=index_of(code)).select_related("visit__organisation").first()
