"""A little kind for tests of the core: opened, asked for more, answered, closed; with clocks of every unit."""

from unionhall.cases import kinds
from unionhall.cases.schemes.base import CaseScheme

CODE = "case_trial"


class TrialScheme(CaseScheme):
    """Only for tests: registered by the fixture `trial`, its file in a folder of the test."""


TRIAL = kinds.Kind(
    code="trial",
    title="试验案件",
    prefix="TRY",
    scheme=TrialScheme,
    view="cases.view",
    handle="cases.open",
    desk_moves=frozenset({"ask", "supplied", "answer", "close"}),
    causes={"wage": "工资", "hours": "工时"},
    rated=True,
)
TEXT = """
title = "试验案件"
issuer = "试验"

[[version]]
from = 2020-01-01
status = "assumed"
note = "试验用。"
source = { title = "试验" }

[version.parameters]
opening = ["first", "total"]
states = [
    { code = "open", label = "待办" },
    { code = "waiting", label = "待补正" },
    { code = "answered", label = "已答复" },
    { code = "closed", label = "办结", closed = true },
]
clocks = [
    { code = "first", label = "首次回应", unit = "hours", amount = 24, by_grade = { urgent = 2 } },
    { code = "total", label = "办结", unit = "working_days", amount = 15, article = "试验第一条" },
    { code = "rating", label = "评价", unit = "days", amount = 7 },
    { code = "call", label = "回电", unit = "minutes", amount = 30 },
]

[[version.parameters.moves]]
code = "ask"
label = "要求补正"
from = ["open"]
to = "waiting"
pauses = ["total"]
asks = true
tells = true
told = "请补充材料"

[[version.parameters.moves]]
code = "supplied"
label = "已补正"
from = ["waiting"]
to = "open"
resumes = ["total"]

[[version.parameters.moves]]
code = "answer"
label = "答复"
from = ["open"]
to = "answered"
stops = ["first", "total"]
starts = ["rating"]
asks = true
tells = true
told = "已答复"

[[version.parameters.moves]]
code = "close"
label = "办结"
from = ["open", "answered"]
to = "closed"
stops = ["rating"]
"""
