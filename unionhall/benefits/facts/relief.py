"""What hardship files tell of a person: whether one is in force, and its category."""

from django.db.models import CharField, F, FilteredRelation, Q, Value
from django.db.models.functions import NullIf

from unionhall.rulebook.comparators import Choice, Flag
from unionhall.rulebook.conditions import condition
from unionhall.rulebook.facts import Fact, register
from unionhall.rulebook.population import relation
from unionhall.rulebook.register import flag

from ..models import HardshipCategory, HardshipFile

# The file of today, whatever the day asked for: its stages aren't kept as periods. One open file per person.
relation(
    "hardship_file",
    lambda on: FilteredRelation(
        "hardship_files", condition=Q(hardship_files__stage__in=HardshipFile.IN_FORCE)
    ),
)
register(
    Fact(
        "benefits.hardship_filed",
        "困难职工建档",
        "flag",
        flag(Q(hardship_file__isnull=False)),
        words={"true": "已建立困难职工档案", "false": "没有建立困难职工档案"},
        permission="benefits.relief",
    ),
    # Nobody's need is in the register before it is looked at: so nobody is told that he qualifies, and nobody that not.
    Fact(
        "benefits.hardship_assessed",
        "家庭困难情况",
        "flag",
        flag(Q(hardship_file__isnull=False), unknown=Q(hardship_file__isnull=True)),
        words={"true": "按收入和支出测算符合困难标准", "false": "按收入和支出测算不符合困难标准"},
        unknown="家庭收入和支出要申请后核实",
        permission="benefits.relief",
    ),
    Fact(
        "benefits.hardship_category",
        "困难类别",
        "code",
        lambda on: NullIf(F("hardship_file__category"), Value(""), output_field=CharField()),
        words=dict(HardshipCategory.choices),
        unknown="没有建立困难职工档案",
        permission="benefits.relief",
    ),
)
condition("hardship_filed", fact="benefits.hardship_filed", takes=Flag, words="有在册的困难职工档案")
condition(
    "hardship_assessed",
    fact="benefits.hardship_assessed",
    takes=Flag,
    words="家庭经测算符合困难标准（没有建档的，要申请后核实）",
)
condition(
    "hardship_category",
    fact="benefits.hardship_category",
    takes=Choice,
    words="困难类别：deep 深度困难，relative 相对困难，accident 意外致困",
)
