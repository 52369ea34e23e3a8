"""职工需求征集: what may be chosen, by which services and benefits each is met, how many choices, small numbers."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook import Parameters, calculator, programme

from ..rules import needs as rules

PROGRAMME = "needs"


class Choice(BaseModel):
    """Something that can be needed. `services`: categories of the catalogue that meet it; `benefits`: programmes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z_]{1,39}$")
    title: str = Field(min_length=1, max_length=30)
    services: tuple[str, ...] = ()
    words: tuple[str, ...] = Field(default=(), title="服务名称含")
    benefits: tuple[str, ...] = ()


class Group(BaseModel):
    """A heading of the survey."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z_]{1,19}$")
    title: str = Field(min_length=1, max_length=20)
    choices: tuple[Choice, ...] = Field(min_length=1)


@programme(PROGRAMME, title="职工需求征集")
class NeedsScheme(Parameters):
    """The survey as a federation asks it."""

    groups: tuple[Group, ...] = Field(min_length=1, title="分组")
    most: int = Field(ge=1, le=20, title="最多选几项")
    days_most: int = Field(ge=1, le=366, title="一次征集最多几天")
    smallest_cell: int = Field(ge=2, le=100, title="少于几人不显示")

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        codes = [one.code for group in self.groups for one in group.choices]
        if len(set(codes)) != len(codes):
            raise ValueError("选项的 code 重复，每项需求只写一次。")
        return self


@calculator("needs.shown", programme=PROGRAMME)
def shown(parameters: NeedsScheme, *, counts: dict[str, int]) -> dict[str, int | None]:
    """Counts by area as pages show them; None is withheld."""
    return rules.protected(counts, parameters.smallest_cell)
