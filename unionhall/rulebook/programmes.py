"""What a scheme file may be about: programmes with typed parameters, and the calculators examples may name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, validate_call


class Parameters(BaseModel):
    """Base of every programme's parameters: unknown keys are mistakes, and nobody changes a loaded version.

    Raise ValueError with a Chinese sentence in validators; `schemes check` shows it with file and line.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


ParametersT = TypeVar("ParametersT", bound=Parameters)
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


@dataclass(frozen=True)
class Programme:
    """One programme: its code (the scheme file's name), Chinese title and the model of its parameters."""

    code: str
    title: str
    parameters: type[Parameters]


@dataclass(frozen=True)
class Calculator:
    """A named pure function `(parameters, **facts) -> result`; worked examples call it by name."""

    name: str
    programme: str
    call: Callable[..., Any]


_programmes: dict[str, Programme] = {}
_calculators: dict[str, Calculator] = {}


def programme(code: str, *, title: str) -> Callable[[type[ParametersT]], type[ParametersT]]:
    """Class decorator: this model holds the parameters of schemes/<issuer>/<code>.toml."""

    def register(model: type[ParametersT]) -> type[ParametersT]:
        known = _programmes.setdefault(code, Programme(code, title, model))
        if known.parameters is not model:
            raise ValueError(f"programme {code} is registered twice")
        return model

    return register


def calculator(name: str, *, programme: str) -> Callable[[FunctionT], FunctionT]:
    """Decorate a pure function so that examples may name it. Facts are checked against its annotations."""

    def register(function: FunctionT) -> FunctionT:
        checked = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(function)
        known = _calculators.setdefault(name, Calculator(name, programme, checked))
        if known.programme != programme:
            raise ValueError(f"calculator {name} is registered twice")
        return function

    return register


def programme_of(code: str) -> Programme | None:
    return _programmes.get(code)


def code_of(model: type[Parameters]) -> str:
    """The code under which a parameters model is registered; LookupError if it is not."""
    for found in _programmes.values():
        if found.parameters is model:
            return found.code
    raise LookupError(f"{model.__name__} is no registered programme")


def calculator_of(name: str) -> Calculator | None:
    return _calculators.get(name)


def programmes() -> list[Programme]:
    return sorted(_programmes.values(), key=lambda item: item.code)


def calculators(code: str) -> list[Calculator]:
    return [item for item in _calculators.values() if item.programme == code]
