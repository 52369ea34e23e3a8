"""Argument parsing that answers a mistake with one line instead of a usage page."""

from __future__ import annotations

import argparse
from typing import NoReturn

from .errors import Refusal


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose mistakes are Refusals; every command knows --traceback."""

    def __init__(self, name: str, summary: str) -> None:
        super().__init__(prog=f"unionhall {name}", description=summary)
        self.add_argument("--traceback", action="store_true", help="出错时显示调用栈")

    def error(self, message: str) -> NoReturn:
        raise mistake(self.prog, message)


def mistake(program: str, message: str) -> Refusal:
    """The refusal for wrong arguments (exit status 2, as argparse has it)."""
    return Refusal(f"参数有误：{message}；用 {program} --help 查看用法。", 2)


def port(text: str) -> int:
    """An argparse type: a TCP port."""
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"端口应在 1 到 65535 之间，而不是 {text}")
    return number


def at_least_one(text: str) -> int:
    """An argparse type: a positive count."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"应为正整数，而不是 {text}")
    return number
