"""联动单位: which kinds of agencies there are, what each may be asked, and how long each has."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook import Parameters, programme

from .base import UNIT_LABELS, Unit

PROGRAMME = "case_partners"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(_Part):
    """A time limit of a partner: counted like the clocks of a case."""

    unit: Unit
    amount: int = Field(ge=1, le=3650)
    article: str = ""

    @property
    def words(self) -> str:
        return f"{self.amount} {UNIT_LABELS[self.unit]}"


class Act(_Part):
    """Something the partner is asked to do; `reply` runs from the day on which it accepted. `tasks`: as a part of a
    task that several share, not about a person's case."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=24)
    label: str = Field(min_length=1, max_length=40)
    reply: Limit
    tasks: bool = False


class PartnerKind(_Part):
    """A kind of agency. `accept` runs from the day on which it was asked."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=24)
    label: str = Field(min_length=1, max_length=40)
    accept: Limit
    acts: tuple[Act, ...] = Field(min_length=1)

    def act(self, code: str) -> Act | None:
        return next((one for one in self.acts if one.code == code), None)


@programme(PROGRAMME, title="部门联动")
class PartnersScheme(Parameters):
    """Kinds of partners: as many as a place has, in its order."""

    kinds: tuple[PartnerKind, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Self:
        codes = [one.code for one in self.kinds]
        if len(set(codes)) != len(codes):
            raise ValueError("联动单位类别的 code 重复。")
        for kind in self.kinds:
            acts = [one.code for one in kind.acts]
            if len(set(acts)) != len(acts):
                raise ValueError(f"“{kind.label}”的事项 code 重复。")
        return self

    def kind(self, code: str) -> PartnerKind | None:
        return next((one for one in self.kinds if one.code == code), None)
