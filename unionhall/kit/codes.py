"""Code sets: what the numbers in rosters and exchange files mean.

Certainty follows the project's domain notes: "D1"/"D2" are two vendors' copies of field lists, m1–m3 is
general knowledge from sure to unsure, P is our own proposal. The official ACFTU field standard was not found, so an
exchange with another system maps codes per source and never assumes these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from unionhall.kit.text import strip_blanks

__all__ = [
    "ALL_CODE_SETS",
    "ECONOMIC_TYPE",
    "EDUCATION",
    "ETHNICITY",
    "HUKOU_TYPE",
    "INDUSTRY",
    "MARITAL_STATUS",
    "POLITICAL_STATUS",
    "UNION_BASE_TYPE",
    "UNION_FORM",
    "UNION_LEVEL",
    "ChangeReason",
    "ChangeType",
    "CodeSet",
    "Coded",
    "EmploymentForm",
    "EmploymentStatus",
    "Sex",
    "SkillLevel",
]


class Coded(StrEnum):
    """A code with the Chinese label that readers see; members are declared as (code, label)."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(code, label) pairs for a form or a column."""
        return [(member.value, member.label) for member in cls]


@dataclass(frozen=True)
class CodeSet:
    """One table of codes with its source and how sure we are of it."""

    name: str
    title: str
    source: str
    certainty: str
    labels: Mapping[str, str]
    synonyms: Mapping[str, str] = field(default_factory=dict)

    def choices(self) -> list[tuple[str, str]]:
        """(code, label) pairs in the order of the standard."""
        return list(self.labels.items())

    def label(self, code: str) -> str:
        """The label of a code; an unknown code is shown as it is, so nothing disappears from a page."""
        return self.labels.get(code, code)

    def code_of(self, text: str) -> str | None:
        """The code meant by a code, a label or a usual short name; None when not recognised."""
        key = strip_blanks(text)
        if key in self.labels:
            return key
        return self._codes_by_text.get(key) or self._codes_by_text.get(key.removesuffix("族"))

    def __post_init__(self) -> None:
        by_text = {strip_blanks(label): code for code, label in self.labels.items()}
        object.__setattr__(self, "_codes_by_text", by_text | dict(self.synonyms))

    _codes_by_text: Mapping[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    @classmethod
    def of(cls, kind: type[Coded], *, source: str, certainty: str, **synonyms: str) -> CodeSet:
        """The same table for a code that Python depends on and that is therefore an enumeration."""
        title = (kind.__doc__ or kind.__name__).split(".")[0]
        return cls(kind.__name__, title, source, certainty, dict(kind.choices()), synonyms)


class Sex(Coded):
    """性别. GB/T 2261.1-2003 (D1)."""

    UNKNOWN = "0", "未知"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSPECIFIED = "9", "未说明"


class EmploymentStatus(Coded):
    """就业状况. D1; D2 numbers 5 and 6 the other way round, so map per source."""

    WORKING = "1", "在岗"
    AWAITING_POST = "2", "待岗"
    UNEMPLOYED = "3", "失业"
    RETIRED = "4", "退休"
    RETIRED_VETERAN = "5", "离休"
    RESIGNED_WITH_PENSION = "6", "退职"
    INTERNALLY_RETIRED = "7", "内退"
    SICK_LEAVE = "8", "病休"
    OTHER = "9", "其他"


class EmploymentForm(Coded):
    """用工形式. P: our own proposal."""

    CONTRACT = "1", "合同制"
    DISPATCHED = "2", "劳务派遣"
    APPOINTED = "3", "聘用制"
    PART_TIME = "4", "非全日制"
    PLATFORM = "5", "平台用工"
    OTHER = "9", "其他"


class SkillLevel(Coded):
    """技能等级. D1, the national vocational qualification grades."""

    SENIOR_TECHNICIAN = "1", "高级技师"
    TECHNICIAN = "2", "技师"
    ADVANCED = "3", "高级工"
    INTERMEDIATE = "4", "中级工"
    JUNIOR = "5", "初级工"


class ChangeType(Coded):
    """会籍变更类型. D1."""

    JOINED = "1", "入会"
    TRANSFERRED_IN = "2", "转入"
    RETAINED = "3", "保留会籍"
    TRANSFERRED_OUT = "4", "转出"
    EXPELLED = "5", "除名"
    WITHDRAWN = "6", "退会"


class ChangeReason(Coded):
    """会籍变更原因. D1."""

    EMPLOYMENT_CHANGED = "1", "劳动关系变化"
    LAID_OFF = "2", "下岗待岗"
    UNEMPLOYED = "3", "失业"
    BANKRUPTCY = "4", "单位破产"
    VOLUNTARY = "5", "自愿"
    CRIME = "6", "犯罪"


_ETHNICITIES = (
    "汉", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜", "满", "侗", "瑶", "白", "土家", "哈尼",
    "哈萨克", "傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇", "柯尔克孜", "土", "达斡尔",
    "仫佬", "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯", "阿昌", "普米", "塔吉克", "怒", "乌孜别克",
    "俄罗斯", "鄂温克", "德昂", "保安", "裕固", "京", "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺",
)  # fmt: skip
_ETHNICITY_LABELS = {f"{place:02d}": f"{name}族" for place, name in enumerate(_ETHNICITIES, start=1)}

ETHNICITY = CodeSet(
    "Ethnicity",
    "民族",
    "GB/T 3304-1991",
    "m1",
    _ETHNICITY_LABELS | {"97": "其他", "98": "外国血统中国籍人士"},
    {name: f"{place:02d}" for place, name in enumerate(_ETHNICITIES, start=1)},
)

EDUCATION = CodeSet(
    "Education",
    "文化程度",
    "GB/T 4658-2006 (two-digit groups)",
    "m1",
    {
        "10": "研究生",
        "20": "大学本科",
        "30": "大学专科",
        "40": "中等专科",
        "60": "高中",
        "70": "初中",
        "80": "小学",
        "90": "其他",
    },
    {
        "硕士": "10", "博士": "10", "硕士研究生": "10", "博士研究生": "10", "本科": "20", "大学": "20",
        "大专": "30", "专科": "30", "高职": "30", "中专": "40", "中技": "40", "技校": "40", "职高": "40",
        "普通高中": "60", "初级中学": "70", "文盲": "90",
    },
)  # fmt: skip

POLITICAL_STATUS = CodeSet(
    "PoliticalStatus",
    "政治面貌",
    "GB/T 4762-1984",
    "m1",
    {
        "01": "中共党员",
        "02": "中共预备党员",
        "03": "共青团员",
        "04": "民革党员",
        "05": "民盟盟员",
        "06": "民建会员",
        "07": "民进会员",
        "08": "农工党党员",
        "09": "致公党党员",
        "10": "九三学社社员",
        "11": "台盟盟员",
        "12": "无党派人士",
        "13": "群众",
    },
    {
        "党员": "01", "中国共产党党员": "01", "预备党员": "02", "中国共产党预备党员": "02", "团员": "03",
        "无党派": "12", "无党派民主人士": "12",
    },
)  # fmt: skip

MARITAL_STATUS = CodeSet(
    "MaritalStatus",
    "婚姻状况",
    "GB/T 2261.2-2003",
    "m1",
    {"10": "未婚", "20": "已婚", "30": "丧偶", "40": "离婚", "90": "未说明"},
    {"初婚": "20", "再婚": "20", "复婚": "20", "离异": "40"},
)

HUKOU_TYPE = CodeSet("HukouType", "户口类型", "ours", "P", {"1": "城镇户口", "2": "农村户口"},
                     {"非农业": "1", "非农": "1", "城镇": "1", "非农业户口": "1",
                      "农业": "2", "农村": "2", "农业户口": "2"})  # fmt: skip

INDUSTRY = CodeSet(
    "Industry",
    "行业门类",
    "GB/T 4754-2017",
    "m1",
    {
        "A": "农、林、牧、渔业",
        "B": "采矿业",
        "C": "制造业",
        "D": "电力、热力、燃气及水生产和供应业",
        "E": "建筑业",
        "F": "批发和零售业",
        "G": "交通运输、仓储和邮政业",
        "H": "住宿和餐饮业",
        "I": "信息传输、软件和信息技术服务业",
        "J": "金融业",
        "K": "房地产业",
        "L": "租赁和商务服务业",
        "M": "科学研究和技术服务业",
        "N": "水利、环境和公共设施管理业",
        "O": "居民服务、修理和其他服务业",
        "P": "教育",
        "Q": "卫生和社会工作",
        "R": "文化、体育和娱乐业",
        "S": "公共管理、社会保障和社会组织",
        "T": "国际组织",
    },
)

# 110, 120, 170 to 700 are D3; 130 to 160 and 190 follow the 1998 registration types and are m1.
ECONOMIC_TYPE = CodeSet(
    "EconomicType",
    "单位经济类型",
    "D3; 《关于划分企业登记注册类型的规定》（国统字〔1998〕200号）",
    "D3, 130–160 and 190 m1",
    {
        "110": "国有企业",
        "120": "集体企业",
        "130": "股份合作企业",
        "140": "联营企业",
        "150": "有限责任公司",
        "160": "股份有限公司",
        "170": "私营企业",
        "190": "其他内资企业",
        "200": "港澳台商投资企业",
        "300": "外商投资企业",
        "400": "事业单位",
        "500": "机关",
        "600": "个体经济组织",
        "700": "民办非企业单位",
    },
    {
        "国有": "110",
        "集体": "120",
        "私营": "170",
        "港澳台": "200",
        "外资": "300",
        "事业": "400",
        "个体": "600",
    },
)

UNION_LEVEL = CodeSet(
    "UnionLevel",
    "工会层级",
    "D2",
    "D2",
    {"1": "省级", "2": "市级", "3": "县级", "4": "乡镇（街道）", "5": "基层"},
)
UNION_FORM = CodeSet(
    "UnionForm", "工会组织形式", "D2", "D2", {"110": "工会委员会", "120": "工会工作委员会", "130": "支会"}
)
UNION_BASE_TYPE = CodeSet(
    "UnionBaseType",
    "基层工会类型",
    "D2; 03 to 05 ours",
    "D2, P",
    {"01": "独立基层工会", "02": "联合基层工会", "03": "工会联合会", "04": "分会", "05": "工会小组"},
)

SEX = CodeSet.of(Sex, source="GB/T 2261.1-2003", certainty="D1", 男性="1", 女性="2")
EMPLOYMENT_STATUS = CodeSet.of(EmploymentStatus, source="D1", certainty="D1, D2 differs", 在职="1")
EMPLOYMENT_FORM = CodeSet.of(
    EmploymentForm, source="ours", certainty="P", 合同="1", 派遣="2", 聘用="3", 非全日="4", 平台="5",
    劳动合同="1", 新就业形态="5",
)  # fmt: skip
SKILL_LEVEL = CodeSet.of(
    SkillLevel, source="D1", certainty="D1", 高级="3", 中级="4", 初级="5", 一级="1", 二级="2", 三级="3",
    四级="4", 五级="5",
)  # fmt: skip
CHANGE_TYPE = CodeSet.of(ChangeType, source="D1", certainty="D1", 保留="3")
CHANGE_REASON = CodeSet.of(ChangeReason, source="D1", certainty="D1", 关系变化="1", 破产="4")

ALL_CODE_SETS: dict[str, CodeSet] = {
    table.name: table
    for table in (
        SEX, ETHNICITY, EDUCATION, POLITICAL_STATUS, MARITAL_STATUS, HUKOU_TYPE, EMPLOYMENT_STATUS,
        EMPLOYMENT_FORM, SKILL_LEVEL, CHANGE_TYPE, CHANGE_REASON, INDUSTRY, ECONOMIC_TYPE, UNION_LEVEL,
        UNION_FORM, UNION_BASE_TYPE,
    )
}  # fmt: skip
