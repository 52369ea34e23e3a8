"""Sample values for every component, dated relative to today: the page /demo/gallery and the component tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.safestring import mark_safe

from unionhall.foundation.widgets import DateInput, FileDrop, MoneyInput, Rating


class SampleFilter(forms.Form):
    q = forms.CharField(
        label="姓名或手机号",
        required=False,
        widget=forms.SearchInput(attrs={"placeholder": "姓名 / 手机号"}),
    )
    state = forms.ChoiceField(
        label="会籍", required=False, choices=[("", "全部"), ("active", "在册"), ("pending", "待审核")]
    )
    since = forms.DateField(label="入会不早于", required=False, widget=DateInput())


class SampleForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="2 至 50 个字；少数民族姓名用“·”分隔")
    number = forms.CharField(label="身份证号")
    union = forms.ChoiceField(
        label="所属工会",
        choices=[("", "请选择"), ("1", "云州市恒通智能装备制造（集团）股份有限公司第二事业部工会委员会")],
    )
    kind = forms.ChoiceField(
        label="职工类型",
        widget=forms.RadioSelect,
        choices=[("1", "企业职工"), ("2", "新就业形态"), ("3", "机关事业")],
    )
    needs = forms.MultipleChoiceField(
        label="希望得到的服务",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("1", "法律援助"), ("2", "技能培训")],
    )
    joined = forms.DateField(label="入会日期", widget=DateInput())
    fee = forms.DecimalField(label="会费", widget=MoneyInput(), required=False, help_text="单位：元")
    remark = forms.CharField(label="说明", widget=forms.Textarea, required=False)
    scan = forms.FileField(
        label="入会申请书", required=False, widget=FileDrop("选择或拖入扫描件", "PDF 或图片，不超过 10 MB")
    )
    consent = forms.BooleanField(
        label="我同意工会为办理入会使用我的身份信息", help_text="可以随时在“我的—授权”里撤回"
    )


def samples() -> dict[str, Any]:
    """Context of gallery.html."""
    today, now = timezone.localdate(), timezone.now()
    people = [
        {
            "pk": n,
            "name": name,
            "phone": f"138{n:04d}5678",
            "union": union,
            "state": state,
            "code": code,
            "since": today - timedelta(days=40 * n),
        }
        for n, (name, union, state, code) in enumerate(
            [
                ("林海燕", "云州市恒通物流快递有限公司工会", "在册", "active"),
                (
                    "买买提·艾力",
                    "云州市恒通智能装备制造（集团）股份有限公司第二事业部工会委员会",
                    "待审核",
                    "pending",
                ),
                ("欧阳文静", "云州市第一人民医院工会", "已退回", "returned"),
                ("周建国", "滨江区外卖配送行业工会联合会", "未通过", "refused"),
                ("郑晓", "云州纺织厂工会", "已转出", "left"),
            ],
            start=1,
        )
    ]
    bound = SampleForm(
        {"name": "林海燕", "number": "320105199003074512", "kind": "1", "joined": "2026-13-40"}
    )
    bound.is_valid()
    return {
        "who": {
            "name": "周晓岚",
            "place": "云州市总工会 · 组织部",
            "links": [{"label": "账号与安全", "url": "#account", "icon": "shield-lock"}],
        },
        "unread": 5,
        "demo": True,
        "navigation": [
            {
                "title": "",
                "items": [{"label": "工作台", "url": "#desk", "icon": "layout-dashboard", "current": False}],
            },
            {
                "title": "组织与会籍",
                "items": [
                    {"label": "会员名册", "url": "#members", "icon": "users", "current": True},
                    {"label": "基层工会", "url": "#unions", "icon": "building-community", "current": False},
                    {"label": "批量导入", "url": "#imports", "icon": "file-import", "current": False},
                ],
            },
            {
                "title": "办理",
                "items": [
                    {
                        "label": "审核队列",
                        "url": "#reviews",
                        "icon": "clipboard-check",
                        "current": False,
                        "count": 38,
                    }
                ],
            },
        ],
        "filter": SampleFilter(),
        "form": bound,
        "rating": _RatingForm(),
        "people": people,
        "page": Paginator(range(1245), 20).page(3),
        "actions": [
            {"label": "批量通过", "value": "approve", "confirm": "确定通过选中的申请？"},
            {"label": "退回补正", "value": "return"},
        ],
        "deadlines": [
            {"due": today + timedelta(days=9), "days": 6},
            {"due": today + timedelta(days=2), "days": 2},
            {"due": today, "days": 0},
            {"due": today - timedelta(days=3), "days": -3},
        ],
        "due": today + timedelta(days=9),
        "timeline": [
            {
                "who": "林海燕",
                "place": "本人",
                "what": "提交入会申请",
                "at": now - timedelta(days=6),
                "tone": "info",
            },
            {
                "who": "陈国栋",
                "place": "恒通物流工会",
                "what": "退回补正",
                "at": now - timedelta(days=4),
                "tone": "warn",
                "opinion": "劳动合同首页不清晰，请重新拍照上传。",
                "attachments": [{"name": "劳动合同首页.jpg", "url": "#file", "size": 348_160}],
            },
            {
                "who": "周晓岚",
                "place": "云州市总工会",
                "what": "审核通过",
                "at": now - timedelta(hours=3),
                "tone": "ok",
                "opinion": "材料齐全，同意入会。",
            },
        ],
        "steps": [
            {"title": "提交申请", "state": "done", "at": "11-03"},
            {"title": "单位核实", "state": "done", "at": "11-06"},
            {"title": "区级审核", "state": "now", "at": "预计 11-28"},
            {"title": "发放会员卡", "state": "todo"},
        ],
        "job_facts": [
            {"label": "已处理", "value": 1970},
            {"label": "成功", "value": 1966, "tone": "ok"},
            {"label": "有误", "value": 4, "tone": "bad"},
        ],
        "failures": [
            {"label": "周建国", "reason": "身份证号与在册会员重复，请先核对是否同一人。", "url": "#4"}
        ],
        "tiles": [
            {
                "label": "逾期未办",
                "value": 6,
                "unit": "件",
                "note": "最久已逾期 4 个工作日",
                "url": "#late",
                "hot": True,
            },
            {
                "label": "待审核会员",
                "value": 597,
                "note": "较上周多 42 人",
                "trend": "up",
                "url": "#pending",
                "course": [512, 530, None, 555, 597],
            },
            {"label": "在册会员", "value": 1_284_268, "note": "覆盖 39 家基层工会", "url": "#members"},
            {
                "label": "本月收缴会费",
                "value": "86.4",
                "unit": "万元",
                "note": "较上月少 3.2 万元",
                "trend": "down",
            },
        ],
        "bars": [
            {"label": "企业职工", "value": 8210, "url": "#1"},
            {"label": "新就业形态劳动者（含网约配送员、网约车司机）", "value": 4630, "url": "#2"},
            {"label": "机关事业", "value": 1180, "url": "#3"},
        ],
        "option": {
            "grid": {"left": 48, "right": 16, "top": 40, "bottom": 28},
            "tooltip": {"trigger": "axis"},
            "legend": {"right": 8, "top": 0},
            "xAxis": {"type": "category", "data": [f"{month}月" for month in range(1, 11)]},
            "yAxis": {"type": "value"},
            "series": [
                {
                    "name": "新入会",
                    "type": "bar",
                    "barWidth": 14,
                    "data": [312, 280, 455, 502, 618, 590, 540, 662, 720, 690],
                },
                {
                    "name": "审核办结",
                    "type": "line",
                    "smooth": True,
                    "data": [298, 276, 430, 490, 571, 588, 532, 640, 705, 655],
                },
            ],
        },
        "places": [
            {"name": name, "value": value, "row": row, "column": column, "url": f"#{name}"}
            for name, value, row, column in [
                ("安平", 309, 1, 1),
                ("连云", 370, 1, 3),
                ("宿城", 314, 2, 2),
                ("淮阴", 314, 2, 3),
                ("盐渎", 325, 2, 4),
                ("广陵", 334, 3, 3),
                ("海陵", 367, 3, 4),
                ("崇川", 360, 3, 5),
                ("云州", 311, 4, 2),
                ("京口", 321, 4, 3),
                ("天宁", 295, 4, 4),
                ("梁溪", 324, 4, 5),
            ]
        ],
        "answers": [
            {"label": "姓名", "value": "林海燕", "url": "#name"},
            {"label": "身份证号", "value": "320***********4512", "url": "#number"},
            {
                "label": "所属工会",
                "value": "云州市恒通智能装备制造（集团）股份有限公司第二事业部工会委员会",
                "url": "#union",
            },
        ],
        "links": [{"label": "查看进度", "url": "#progress"}, {"label": "回到首页", "url": "#home"}],
        "facts": [
            {"label": "统一社会信用代码", "value": "91320500MA1ABCDE0X"},
            {"label": "成立日期", "value": "2011-04-27"},
            {"label": "会员人数", "value": "1,286 人"},
            {"label": "上级工会", "value": ""},
            {"label": "地址", "value": "云州市滨江区科创大道 88 号恒通智造园 3 号楼", "wide": True},
        ],
        "reasons": [
            {
                "met": True,
                "text": "会籍在册满一年（2024-03-01 入会）",
                "source": "云州市总工会会员普惠办法 第六条",
            },
            {"met": False, "text": "家庭人均收入不高于每月 1,540.00 元，申报为 2,100.00 元"},
            {"met": None, "text": "医疗费用票据，待单位核实"},
        ],
        "tabs": [
            {"label": "基本情况", "url": "#a", "current": True},
            {"label": "会籍经历", "url": "#b", "count": 3},
            {"label": "办件", "url": "#c", "count": 12},
        ],
        "messages_sample": [
            {
                "title": "入会申请已通过",
                "body": "您已成为恒通物流工会会员，会员卡已生成。",
                "at": now - timedelta(minutes=12),
                "url": "#m1",
                "unread": True,
            },
            {
                "title": "请补正材料",
                "body": "劳动合同首页不清晰。",
                "at": now - timedelta(days=4),
                "url": "#m2",
                "unread": False,
            },
        ],
        "services": [
            {"label": label, "url": f"#{picture}", "icon": picture}
            for label, picture in [
                ("困难帮扶", "heart-handshake"),
                ("互助保障", "first-aid-kit"),
                ("法律援助", "scale"),
                ("技能培训", "school"),
                ("文体活动", "run"),
                ("求职就业", "briefcase"),
                ("入会转会", "users"),
                ("身边驿站", "map-pin"),
            ]
        ],
        "qr": mark_safe(
            '<svg viewBox="0 0 7 7" width="160" height="160" role="img" aria-label="示例码">'
            '<path d="M0 0h3v3H0zM4 0h3v3H4zM0 4h3v3H0zM4 4h1v1H4zM6 5h1v2H6z"/></svg>'
        ),
        "tree": [
            {"label": "云州市总工会", "level": 0, "is_open": True, "members": 1_284_268},
            {"label": "滨江区总工会", "level": 1, "is_open": True, "members": 96_411},
            {"label": "科创街道总工会", "level": 2, "is_open": False, "members": 8_902},
        ],
        "since": today - timedelta(days=900),
    }


class _RatingForm(forms.Form):
    grade = forms.TypedChoiceField(
        label="您对这次办理满意吗", coerce=int, choices=Rating.GRADES, widget=Rating()
    )
