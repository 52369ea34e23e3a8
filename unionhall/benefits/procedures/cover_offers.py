"""Covers among what a worker can get."""

from ..covering import had, used
from ..offering import Category, Offering, offer
from ..schemes.cover import PROGRAMMES

_HOW = "随会员卡自动生效，不用申请、不用交费。出了事在“我的保险保障”里申请理赔。"
_LISTED = "由单位统一为会员投保，想参加请联系所在工会。"

offer(
    *(
        Offering(
            programme=code,
            category=Category.COVER,
            icon="shield-check",
            automatic=_HOW if code.startswith("cover_") else _LISTED,
            used=used(code),
            had=had(code),
            desk="desk_cover",
        )
        for code in PROGRAMMES
    )
)
