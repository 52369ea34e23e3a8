"""Texts of the trial programme."""

from datetime import date

TODAY = date(2026, 11, 22)
NATION = """title = "生日慰问"
issuer = "全国试验"

[[version]]
from = 2020-01-01
status = "assumed"
source = { title = "全国试验文件" }
[version.parameters]
amount = { kind = "fixed", amount = 100 }
conditions = [
    { condition = "member" },
    { condition = "age", at_least = 18 },
]
"""
PROVINCE = """title = "生日慰问"
issuer = "鄂北省试验"

# 第一版
[[version]]
from = 2021-01-01
until = 2024-01-01
jurisdiction = "42"
status = "sourced"
source = { title = "省试验文件", number = "试〔2020〕1号" }
[version.parameters]
amount = { kind = "fixed", amount = 150 }
conditions = [{ condition = "member" }]

[[version]]
from = 2024-01-01
jurisdiction = "42"
status = "sourced"
inherits = true
source = { title = "省试验文件", number = "试〔2023〕2号" }
[version.parameters]
conditions = [
    { condition = "member" },
    { condition = "sex", is = "2" },
]
"""
