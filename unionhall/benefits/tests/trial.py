"""Trial programmes: what a test offers, without the shipped schemes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from unionhall.benefits import offering
from unionhall.benefits.offering import Category, Offering
from unionhall.benefits.schemes.base import BenefitScheme
from unionhall.rulebook import programmes
from unionhall.rulebook.book import reload
from unionhall.rulebook.programmes import programme

HEAD = """title = "{title}"
issuer = "试验总工会"
"""
VERSION = """
[[version]]
from = {starts}
jurisdiction = "{area}"
status = "{status}"
source = {{ title = "试验文件", number = "试〔2020〕1号" }}
[version.parameters]
summary = "{title}的说明。"
{parameters}
"""


@dataclass
class Trial:
    """The only programmes that are offered while a test runs; `offer` makes one more of them.

    Each gets a scheme file with `parameters` (TOML) for the nation, or with None only what `write` adds.
    """

    folder: Path
    made: list[str] = field(default_factory=list)

    def offer(
        self,
        code: str,
        parameters: str | None,
        *,
        title: str = "",
        apply: str = "m_help",
        automatic: str = "",
        had: Callable[[date], Any] | None = None,
        used: Callable[[int, date], list[offering.Use]] = offering.never,
        category: Category = Category.CAREER,
        status: str = "assumed",
    ) -> Offering:
        """`apply`: any address will do; the page that asks for help exists for everyone."""
        known = title or f"试验{code}"
        programme(code, title=known)(type(f"Trial_{code}", (BenefitScheme,), {}))
        self.made.append(code)
        if parameters is not None:
            self.write(code, parameters, title=known, status=status)
        one = Offering(code, category, "gift", apply=apply, automatic=automatic, had=had, used=used, desk="")
        offering.offer(one)
        return one

    def write(
        self,
        code: str,
        parameters: str,
        *,
        title: str = "",
        area: str = "",
        starts: str = "2020-01-01",
        status: str = "assumed",
    ) -> None:
        """A version in a file; a second one of the same programme for another area or from another day beside it."""
        known = programmes._programmes[code].title
        number = len(list(self.folder.glob(f"*/{code}.toml")))
        place = self.folder / f"trial{number}"
        place.mkdir(exist_ok=True)
        text = VERSION.format(
            starts=starts, area=area, status=status, title=title or known, parameters=parameters
        )
        (place / f"{code}.toml").write_text(HEAD.format(title=title or known) + text, encoding="utf-8")
        reload()

    def forget(self) -> None:
        for code in self.made:
            del programmes._programmes[code]
        reload()
