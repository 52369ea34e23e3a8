"""Every component renders from the gallery's samples, keeps the content policy and says things in words."""

from __future__ import annotations

import gettext
import re
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from unionhall.foundation import wording
from unionhall.foundation.gallery import SampleForm, samples
from unionhall.foundation.icons import ICONS, SPRITE
from unionhall.foundation.tags.figures import chart_table

ROOT = Path(__file__).resolve().parents[3]
FOUNDATION = ROOT / "unionhall" / "foundation"
PAGES = ("gallery.html", "gallery_worker.html", "403.html", "404.html", "500.html", "csrf_failure.html")


def page(template: str, path: str = "/demo/gallery", **extra: object) -> str:
    request = RequestFactory().get(path)
    return render_to_string(template, {**samples(), **extra}, request)


def show(source: str, path: str = "/", **context: object) -> str:
    return Template("{% load ui %}" + source).render(
        Context({"request": RequestFactory().get(path), **context})
    )


class Reader(HTMLParser):
    """Collects what the content policy and accessibility rules are about."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.offences: list[str] = []
        self.described: set[str] = set()
        self.labelled: set[str] = set()
        self.fields: list[str] = []
        self.inert = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.inert += tag == "template"
        if found.get("id") and not self.inert:
            self.ids.append(found["id"] or "")
        for name in found:
            if name == "style" or (name.startswith("on") and name != "on") or name.startswith("hx-on"):
                self.offences.append(f"<{tag} {name}>")
        if tag == "style" or (
            tag == "script" and "src" not in found and found.get("type") != "application/json"
        ):
            self.offences.append(f"<{tag}>")
        self.described.update((found.get("aria-describedby") or "").split())
        if tag == "label" and found.get("for"):
            self.labelled.add(found["for"] or "")
        if tag in ("input", "select", "textarea") and found.get("id") and found.get("type") != "hidden":
            self.fields.append(found["id"] or "")

    def handle_endtag(self, tag: str) -> None:
        self.inert -= tag == "template"


@pytest.mark.parametrize("template", PAGES)
def test_pages_keep_the_content_policy_and_their_ids_are_unique(template: str) -> None:
    read = Reader(page(template))
    assert read.offences == []
    assert len(read.ids) == len(set(read.ids))
    assert read.described <= set(read.ids)
    assert set(read.fields) <= read.labelled


def test_every_layout_renders_alone() -> None:
    for layout in sorted((FOUNDATION / "templates" / "layouts").glob("*.html")):
        html = page(f"layouts/{layout.name}", as_of=timezone.now())
        assert html.lstrip().startswith("<!DOCTYPE html>"), layout.name
        assert 'lang="zh-CN"' in html
        assert 'id="main"' in html or layout.name == "base.html"


def test_elder_view_is_on_the_root_element() -> None:
    assert re.search(r"<html[^>]* data-large", page("gallery_worker.html", elder=True))
    assert not re.search(r"<html[^>]* data-large", page("gallery_worker.html", elder=False))


def test_refusal_names_the_permission_and_who_can_grant_it() -> None:
    html = page("403.html", missing_permission="审核入会", grantors=["云州市总工会 王敏"], request_id="9f2c")
    assert "审核入会" in html
    assert "云州市总工会 王敏" in html
    assert "9f2c" in html
    for template in ("404.html", "500.html"):
        assert "9f2c" in page(template, request_id="9f2c")


def test_sprite_holds_every_icon_that_templates_name() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8")))
    assert drawn == set(ICONS)
    named: dict[str, str] = {}
    for template in (ROOT / "unionhall").rglob("templates/**/*.html"):
        for name in re.findall(r'{% icon "([^"]+)"', template.read_text(encoding="utf-8")):
            named[name] = str(template)
    missing = {name: where for name, where in named.items() if name not in drawn}
    assert missing == {}


def test_unknown_icon_is_logged_and_drawn_as_a_circle(caplog: pytest.LogCaptureFixture) -> None:
    assert "#circle-dashed" in show('{% icon "no-such-icon" %}')
    assert "no-such-icon" in caplog.text


@pytest.mark.parametrize(
    ("days", "tone", "word", "number"),
    [
        (4, "ok", "正常", "剩 4 个工作日"),
        (3, "warn", "临期", "剩 3 个工作日"),
        (0, "warn", "临期", "今天到期"),
        (-1, "bad", "逾期", "1 个工作日"),
    ],
)
def test_deadline_is_colour_word_and_number(days: int, tone: str, word: str, number: str) -> None:
    html = show("{% deadline due days %}", due=date(2026, 11, 28), days=days)
    assert f'class="deadline {tone}"' in html
    assert word in html
    assert number in html
    assert "2026-11-28" in html


def test_paused_deadline_shows_why_and_done_has_no_alarm() -> None:
    paused = show('{% deadline due -5 paused="等待补正" %}', due=date(2026, 11, 28))
    assert "已暂停计时" in paused
    assert "等待补正" in paused
    assert "逾期" not in paused
    assert "已办结" in show("{% deadline due -5 done=True %}", due=date(2026, 11, 28))


@given(st.integers(-400, 400))
def test_deadline_never_speaks_by_colour_alone(days: int) -> None:
    found = wording.Deadline.of(date(2026, 1, 1), days)
    assert found.word
    assert found.number
    assert found.tone == ("bad" if days < 0 else "warn" if days <= 3 else "ok")


@given(st.integers(-(10**15), 10**15))
def test_number_groups_by_three_and_reads_back(value: int) -> None:
    shown = wording.number(value)
    assert int(shown.replace(",", "")) == value
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*", shown)


def test_numbers_money_and_absent_values() -> None:
    assert wording.number("1234.50") == "1,234.50"
    assert wording.number(1284268.0) == "1,284,268"
    assert wording.money(1234.5) == "1,234.50"
    assert wording.number(None) == "—"
    assert wording.number("六件") == "六件"
    assert wording.percent(0.725) == "72.5%"


def test_moments_are_local_and_recent_ones_are_words() -> None:
    now = timezone.make_aware(datetime(2026, 11, 22, 9, 30))  # noqa: DTZ001
    assert wording.moment(now.astimezone(timezone.get_fixed_timezone(0))) == "2026-11-22 09:30"
    assert wording.day(now.astimezone(timezone.get_fixed_timezone(-720))) == "2026-11-22"
    assert wording.ago(now - timedelta(minutes=5), now) == "5分钟前"
    assert wording.ago(now - timedelta(hours=8), now) == "8小时前"
    assert wording.ago(now - timedelta(days=1), now) == "昨天 09:30"
    assert wording.ago(now - timedelta(days=2), now) == "2026-11-20 09:30"


def test_masks_in_templates() -> None:
    html = show(
        "{{ name|mask_name }} {{ phone|mask_phone }} {{ number|mask_id }}",
        name="欧阳文静",
        phone="13812345678",
        number="320105199003074512",
    )
    assert html == "欧* 138****5678 320***********4512"


def test_status_has_word_and_tone_and_escapes() -> None:
    assert show('{% status "在册" "active" %}') == '<span class="tag ok">在册</span>'
    assert 'class="tag mute"' in show('{% status "其他" "whatever" %}')
    assert "<script>" not in show("{% status word %}", word="<script>")


def test_block_tags_keep_what_they_wrap_and_escape_what_they_are_told() -> None:
    html = show("{% list_head 1245 unit %}<a href='#x'>导出</a>{% endlist_head %}", unit="<b>")
    assert "<a href='#x'>导出</a>" in html
    assert "&lt;b&gt;" in html
    assert "1,245" in html


def test_pager_keeps_filters_and_states_the_total() -> None:
    html = show(
        "{% pager page %}", "/desk/members/?state=active&page=3", page=Paginator(range(1245), 20).page(3)
    )
    assert "1,245" in html
    assert "?state=active&amp;page=2" in html
    assert "?state=active&amp;page=4" in html
    assert show("{% pager page %}", page=Paginator(range(5), 20).page(1)).strip() == ""


def test_keyset_pager_drops_the_other_cursor() -> None:
    html = show('{% keyset_pager 90 after="41" before="20" %}', "/x/?q=a&after=20")
    assert "?q=a&amp;before=20" in html
    assert "?q=a&amp;after=41" in html


def test_select_bar_states_page_and_whole() -> None:
    html = show(
        "{% select_bar 20 1245 actions=actions %}",
        actions=[{"label": "通过", "value": "approve", "confirm": "确定？"}],
    )
    assert "选择全部 1,245 条" in html
    assert 'name="everything"' in html
    assert 'data-confirm="确定？"' in html


def test_bars_are_proportional_and_shares_sum_up() -> None:
    html = show(
        '{% bars rows "构成" "人" %}', rows=[{"label": "甲", "value": 300}, {"label": "乙", "value": 100}]
    )
    assert 'width="100.0"' in html
    assert 'width="33.3"' in html
    assert "75.0%" in html
    assert show('{% bars rows "构成" %}', rows=[])


def test_tile_map_shades_from_lightest_to_darkest() -> None:
    places = [
        {"name": name, "value": value, "row": 1, "column": n}
        for n, (name, value) in enumerate([("甲", 1), ("乙", 7), ("丙", 4)], 1)
    ]
    html = show('{% tile_map places "分布" %}', places=places)
    assert re.findall(r"column-\d shade-(\d)", html) == ["0", "6", "3"]
    assert "不表示行政区域界线" in html


def test_a_withheld_number_has_no_shade_no_bar_and_no_share() -> None:
    places = [{"name": "甲", "value": None}, {"name": "乙", "value": 1_284_268, "url": "?under=B"}]
    html = show('{% tile_map places "分布" unit="人" %}', places=places)
    assert "shade-none" in html
    assert "flowing" in html  # nobody said where they stand
    assert "128.4万" in html
    assert "1,284,268" in html  # in the legend, the table and the tip
    rows = [{"label": "男", "value": 30}, {"label": "女", "value": None}]
    html = show('{% bars rows "性别" "人" %}', rows=rows)
    assert "%" not in html  # thirty of how many would tell the other number
    assert "占比" not in show('{% bars rows "前列" shares=False %}', rows=rows)


def test_a_chart_is_drawn_on_the_server_too() -> None:
    series = [{"name": "新入会", "type": "line", "data": [3, 4]}]
    option = {"xAxis": {"type": "category", "data": ["1月", "2月"]}, "series": series}
    assert '<svg class="drawn"' in show('{% chart "c" option "入会" %}', option=option)
    html = show('{% line_drawing option "入会" %}', option=option)
    assert 'aria-label="入会"' in html
    assert "style=" not in html


def test_chart_has_its_table() -> None:
    option = {
        "xAxis": {"type": "category", "data": ["1月", "2月"]},
        "series": [{"name": "新入会", "data": [3, 4]}],
    }
    assert chart_table(option) == {"head": ["", "新入会"], "rows": [["1月", 3], ["2月", 4]]}
    assert chart_table({"series": [{"type": "pie", "data": [{"name": "甲", "value": 2}]}]})["rows"] == [
        ["甲", 2]
    ]
    html = show('{% chart "c" option "入会" %}', option=option)
    assert '<script id="c" type="application/json">' in html
    assert '<th scope="row">1月</th>' in html


def test_field_links_errors_and_help_to_the_control() -> None:
    form = SampleForm({"name": "林海燕", "kind": "1"})
    assert not form.is_valid()
    html = str(form["name"].as_field_group())
    assert 'aria-describedby="id_name_helptext"' in html
    assert 'id="id_name_helptext"' in html
    wrong = str(form["number"].as_field_group())
    assert 'aria-invalid="true"' in wrong
    assert 'id="id_number_error"' in wrong
    assert "请填写这一项。" in wrong
    choices = str(form["kind"].as_field_group())
    assert "<fieldset" in choices
    assert "<legend" in choices


def test_error_summary_links_to_each_field_and_is_focused() -> None:
    form = SampleForm({})
    html = show("{% error_summary form %}", form=form)
    assert "data-focus" in html
    for name in form.errors:
        assert f'href="#id_{name}{"_0" if name == "kind" else ""}"' in html
    assert show("{% error_summary form %}", form=SampleForm()).strip() == ""


def test_dates_are_typed_and_shown_year_first() -> None:
    form = SampleForm({"joined": "2026年3月5日"})
    form.is_valid()
    assert form.cleaned_data["joined"] == date(2026, 3, 5)
    html = str(SampleForm(initial={"joined": date(2026, 3, 5)})["joined"])
    assert 'type="text"' in html
    assert 'value="2026-03-05"' in html
    assert "pattern=" in html


def test_reveal_works_as_a_link_and_hides_again() -> None:
    link = show('{% reveal "/r/1/" "320***4512" "身份证号" "r1" %}')
    assert 'href="/r/1/"' in link
    assert "320***4512" in link
    html = show('{% revealed "320105199003074512" "320***4512" "/r/1/" "身份证号" "r1" 30 %}')
    assert 'data-hide-after="30"' in html
    assert "320***4512" in html.split("<template>")[1].split("</template>")[0]


def test_progress_stops_polling_when_finished() -> None:
    running = show('{% progress "/job/1/" 41.4 "名册.xlsx" %}')
    assert 'hx-trigger="every 1s"' in running
    assert 'aria-valuenow="41"' in running
    assert "hx-trigger" not in show('{% progress "/job/1/" 100 "名册.xlsx" finished=True %}')


def test_our_wording_replaces_messages_that_django_really_has() -> None:
    import django

    ours = FOUNDATION / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    theirs = Path(django.__file__).parent / "conf" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    with ours.open("rb") as mine, theirs.open("rb") as original:
        known = gettext.GNUTranslations(original)
        source = ours.with_suffix(".po").read_text(encoding="utf-8")
        for key, text in gettext.GNUTranslations(mine)._catalog.items():  # type: ignore[attr-defined]
            if key:
                assert key in known._catalog  # type: ignore[attr-defined]
                assert f'"{text}"' in source, "django.po changed: compile django.mo again"


def test_what_opens_in_a_dialog_has_the_heading_that_names_it() -> None:
    dialog = (FOUNDATION / "templates/components/dialogs.html").read_text()
    assert 'id="dialog" aria-labelledby="dialog-title"' in dialog
    contents = [one.read_text() for one in ROOT.glob("unionhall/*/templates/**/*.html")]
    contents = [text for text in contents if 'id="dialog-content"' in text]
    assert len(contents) >= 4
    for text in contents:
        assert re.search(r'id="dialog-content".*<h2 id="dialog-title">', text, re.DOTALL)
