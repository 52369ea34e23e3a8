"""Benefits in the menus; each noun adds its own lines."""

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import EVERYONE

# Entitlements.
declare(
    Entry("public", "", "办事指南", "public_services", "list-details", EVERYONE, 20),
    Entry("desk", "帮扶普惠", "普惠保障", "desk_benefits", "gift", "benefits.view", 50),
)

# Services.
declare(
    Entry("desk", "帮扶普惠", "会员服务", "desk_services", "ticket", "benefits.services", 51),
    Entry("desk", "", "核销服务券", "partner_redeem", "qrcode", "benefits.redeem", 5),
    Entry("desk", "", "离线补传", "partner_offline", "wifi-off", "benefits.redeem", 6),
    Entry("desk", "", "对账单", "partner_statements", "receipt", "benefits.redeem", 7),
)

# Needs.
declare(Entry("desk", "帮扶普惠", "需求征集", "desk_needs", "message-circle", "benefits.needs", 54))

# Career subsidy.
declare(Entry("desk", "帮扶普惠", "助推补贴", "desk_subsidy", "certificate", "benefits.subsidy", 53))

# Relief.
declare(Entry("desk", "帮扶普惠", "困难帮扶", "desk_relief", "heart", "benefits.relief", 53))

# Medical mutual aid.
declare(Entry("desk", "帮扶普惠", "医疗互助", "desk_medical", "first-aid-kit", "benefits.medical", 52))

# Cover.
declare(Entry("desk", "帮扶普惠", "保险保障", "desk_cover", "shield-check", "benefits.cover", 52))

# Insurers: their own entrance.
declare(
    Entry("desk", "", "投保名单", "partner_insurance", "file-text", "benefits.insurance", 8),
    Entry("desk", "", "医保结算", "partner_settlements", "file-import", "benefits.insurance", 9),
)
