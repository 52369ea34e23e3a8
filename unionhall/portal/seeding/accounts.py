"""Accounts of the demonstration: one for every role, a chair's account for every union, three workers with phones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.access.grants import actor_for
from unionhall.access.models import Account, Grant
from unionhall.access.signing import account_of
from unionhall.foundation.permissions import Line, Role
from unionhall.kit.masking import mask_name
from unionhall.members import consents
from unionhall.members.models import Membership, Person, Post
from unionhall.organisations.kinds import Level, Status
from unionhall.organisations.models import Organisation

from .province import Province, Story
from .unions import Union

__all__ = ["CAST", "PASSWORD", "Opened", "Part", "open_accounts", "write_list"]

#: Known to everyone who reads this: these accounts exist only where UNIONHALL_DEMO=1.
PASSWORD = "unionhall-demo"  # noqa: S105
WHY = "示范数据"
#: In the range that no operator was given (members.synthetic); outside the stride of the invented people's phones.
NEWCOMER_PHONE = "15400000099"


@dataclass(frozen=True)
class Part:
    """A part in the demonstration. `at` names a union of the story; workers have none."""

    username: str
    title: str
    note: str
    icon: str
    role: Role = Role.WORKER
    line: Line = Line.GENERAL
    at: str = ""
    name: str = ""
    start: str = "desk_home"


CAST: tuple[Part, ...] = (
    Part("member", "会员", "快递员，已入会；看会员卡、办转接", "id-badge-2", at="express", start="m_home"),
    Part("newcomer", "还没入会的职工", "从手机上申请入会", "user-plus", start="m_home"),
    Part("elder", "临近退休的会员", "大字版页面、纸质会员码", "eye", at="electronics", start="m_home"),
    Part("chair", "基层工会主席", "审批入会、管名册、导入", "user-check", Role.CHAIR, at="express"),
    Part(
        "officer", "基层工会干部", "另一家企业的工会专干", "user-check",
        Role.GRASSROOTS_OFFICER, at="neighbour", name="程晓岚"
    ),
    Part("street", "街道工会干部", "接收单位未建会的职工",
         "building-community", Role.OFFICER, at="street", name="彭建国"),
    Part("county", "区总工会干部", "组织建设：建会、换届、转接",
         "sitemap", Role.OFFICER, Line.ORGANISING, "county", "余文静"),
    Part("city", "市总工会干部", "综合：全市组织和会员", "building-skyscraper", Role.OFFICER, at="city", name="周海峰"),
    Part("rights", "市总权益保障干部", "只办权益条线，看不到会员办理",
         "scale", Role.OFFICER, Line.RIGHTS, "city", "沈玲"),
    Part("industry", "市邮政快递工会干部", "产业链：跨区管理快递企业工会",
         "route", Role.OFFICER, at="industry", name="高强"),
    Part("province", "省总工会干部", "全省组织、数据和设置",
         "map-pin", Role.OFFICER, at="province", name="胡明远"),
    Part("clerk", "窗口人员", "区职工服务中心窗口", "clipboard-list", Role.CLERK, at="county", name="万小燕",
         start="window_home"),
    Part("reviewer", "审核员", "复核建会和会籍办件",
         "clipboard-check", Role.REVIEWER, at="county", name="郑志宏"),
    Part("leader", "领导", "看数据、督办，不看个人信息", "chart-bar", Role.LEADER, at="city", name="张振华"),
    Part("auditor", "审计员", "查日志：谁在什么时候看过谁",
         "history", Role.AUDITOR, at="province", name="何清"),
    Part("operator", "运维人员", "系统状况、任务、密钥",
         "server", Role.OPERATOR, at="province", name="石磊", start="ops_home"),
    Part("lawyer", "律师", "承办法律援助，服务企业", "gavel", Role.LAWYER, Line.RIGHTS, "city", "陆思远",
         start="partner_aid"),
    Part("mediator", "调解员", "只看到指派给自己的争议：记录、拟协议、签字",
         "scale", Role.MEDIATOR, Line.RIGHTS, "city", "温丽华"),
    Part("court", "人民法院联络员", "接收、退回、答复转来的案件", "building-bank", Role.AGENCY, at="city", name="韩雪"),
    Part("labour", "人社局联络员", "另一个联动单位，各看各的案件", "building", Role.AGENCY, at="city", name="陈立"),
    Part("merchant", "服务商户", "核销服务券、核验会员卡",
         "qrcode", Role.MERCHANT, at="city", name="江汉书店收银台"),
    Part("insurer", "保险承办机构", "下载投保名单、报送医保结算", "shield-check", Role.INSURER, at="province",
         name="承保经办员", start="partner_insurance"),
)  # fmt: skip


@dataclass
class Opened:
    """What was opened: accounts by their part's username, and the workers' phones."""

    accounts: dict[str, Account] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)


def open_accounts(made: Province, today: date) -> Opened:
    """Open every account of the cast, and a chair's account for each union that has a chair."""
    assert made.story is not None
    opened, password = Opened(), make_password(PASSWORD)
    organisations = Organisation.objects.everywhere(reason=WHY).in_bulk(
        [getattr(made.story, part.at).id for part in CAST if part.at]
    )
    for part in CAST:
        union: Union | None = getattr(made.story, part.at) if part.at else None
        if part.role is Role.WORKER:
            _open_worker(opened, part, _worker(part, made.story))
            continue
        assert union is not None
        organisation = organisations[union.id]
        person = _chair_of(organisation) if part.role is Role.CHAIR else None
        account = Account.objects.create(
            username=part.username,
            display_name=person.name if person else part.name,
            password=password,
            password_changed_at=timezone.now(),
        )
        if person:
            person.account = account
            person.save(update_fields=["account"])
            opened.people[part.username] = person
        Grant.objects.create(
            account=account,
            role=part.role,
            line=part.line,
            organisation=organisation,
            period=DateRange(today - timedelta(days=400), None),
            granted_by=WHY,
            reason="演示账号",
        )
        opened.accounts[part.username] = account
    _open_chairs(password)
    return opened


def _open_worker(opened: Opened, part: Part, person: Person | None) -> None:
    """An account known by its phone. The newcomer's is nobody's yet: joining asks for name and ID."""
    phone = person.phone.reveal() if person else NEWCOMER_PHONE
    account = account_of(phone)
    if person:
        account.display_name = mask_name(person.name)
        account.save(update_fields=["display_name"])
        person.account = account
        person.save(update_fields=["account"])
        for purpose in consents.missing(person):
            consents.give(actor_for(account, "seed"), person=person, purpose=purpose.code)
        opened.people[part.username] = person
    opened.accounts[part.username], opened.phones[part.username] = account, phone


def _worker(part: Part, story: Story) -> Person | None:
    if not part.at:
        return None
    people = Person.objects.everywhere(reason=WHY).filter(account=None).order_by("id")
    union: Union = getattr(story, part.at)
    members = people.filter(
        memberships__in=Membership.objects.everywhere(reason=WHY).current().filter(
            organisation=union.id, standing=Membership.Standing.ACTIVE
        ),
        posts=None,
    )  # fmt: skip
    return members.order_by("birth", "id")[0] if part.username == "elder" else members[5]


def _chair_of(organisation: Organisation) -> Person | None:
    post = Post.objects.everywhere(reason=WHY).filter(organisation=organisation, title=Post.Title.CHAIR)
    found = post.filter(period__upper_inf=True).select_related("person").first()
    return found.person if found else None


def _open_chairs(password: str) -> None:
    """Every other chair can sign in too: the union's code is the account's name."""
    held = Grant.objects.everywhere(reason=WHY).filter(role=Role.CHAIR).values("organisation")
    posts = (
        Post.objects.everywhere(reason=WHY)
        .filter(title=Post.Title.CHAIR, period__upper_inf=True, organisation__level__lte=Level.GRASSROOTS)
        .filter(organisation__status=Status.ACTIVE)
        .exclude(organisation__in=held)
        .select_related("organisation", "person")
        .order_by("organisation_id")
    )
    chairs = list(posts)
    now = timezone.now()
    accounts = Account.objects.bulk_create(
        Account(
            username=post.organisation.code,
            display_name=post.person.name,
            password=password,
            password_changed_at=now,
        )
        for post in chairs
    )
    Grant.objects.bulk_create(
        Grant(
            account=account,
            role=Role.CHAIR if post.organisation.level == Level.GRASSROOTS else Role.OFFICER,
            organisation=post.organisation,
            period=DateRange(post.period.lower, None),
            granted_by=WHY,
            reason="工会主席",
        )
        for account, post in zip(accounts, chairs, strict=True)
    )


def write_list(opened: Opened) -> list[dict[str, str]]:
    """What `make demo` prints: role, account, password, note. Kept beside the data, readable by its owner only."""
    found = []
    for part in CAST:
        phone = opened.phones.get(part.username)
        found.append(
            {
                "part": part.username,
                "role": part.title,
                "username": phone or part.username,
                "password": "短信验证码（/demo/ 可查看）" if phone else PASSWORD,
                "note": part.note,
            }
        )
    path = Path(settings.HOME) / "demo-accounts.json"
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    path.chmod(0o600)
    return found
