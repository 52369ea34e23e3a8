"""Finding and running a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from unionhall import __version__

from .arguments import mistake
from .errors import Refusal, plain
from .surroundings import PROJECT, database, home, load_django


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """A command of this package: `unionhall.cli.<module>` has `run(arguments) -> exit status`."""

    name: str
    summary: str
    module: str

    def run(self, arguments: list[str]) -> int:
        entry: Callable[[list[str]], int] = import_module(f"unionhall.cli.{self.module}").run
        return entry(arguments)


OWN = {
    command.name: command
    for command in (
        OwnCommand("demo", "一条命令看到全部：数据库、示范数据、后台任务和网站", "demo"),
        OwnCommand("serve", "运行网站（生产环境）", "serve"),
        OwnCommand("work", "运行后台任务", "work"),
        OwnCommand("doctor", "检查安装和运行环境，说明怎么修", "doctor"),
        OwnCommand("backup", "把数据库和附件备份到一个文件", "backup"),
        OwnCommand("restore", "把备份恢复到空的数据库", "restore"),
        OwnCommand("drill", "演练恢复：把备份恢复到临时数据库，核对后删除", "drill"),
        OwnCommand("keys", "密钥：查看、加入、轮换、停用", "keyring"),
        OwnCommand("federations", "列出数据库里的各个联合会", "federations"),
    )
}

# Django's own commands worth showing; the others work but are a developer's business.
FROM_DJANGO = {
    "migrate": "建立或更新数据库结构",
    "collectstatic": "收集静态文件（放到反向代理后面时用）",
    "createsuperuser": "",
    "check": "检查代码和设置",
    "shell": "打开 Python 命令行",
    "dbshell": "打开数据库命令行",
}
# These never touch the database; starting it for them would only cost time.
WITHOUT_DATABASE = frozenset(
    {"check", "collectstatic", "diffsettings", "makemessages", "compilemessages", "findstatic", "roster"}
)
# Words of commands that read files only.
READING_FILES = frozenset({("lake", "check"), ("lake", "figures")})


def _management_commands() -> dict[str, str]:
    from django.core.management import get_commands

    return {name: app if isinstance(app, str) else app.__module__ for name, app in get_commands().items()}


def _room_summaries() -> list[tuple[str, str]]:
    from django.core.management import load_command_class

    found = []
    for name, app in sorted(_management_commands().items()):
        if app.startswith("unionhall.") and name not in OWN:
            lines = str(load_command_class(app, name).help).strip().splitlines()
            found.append((name, lines[0] if lines else ""))
    return found


def overview() -> str:
    """The help page: every command with one line."""
    load_django()
    own = [(command.name, command.summary) for command in OWN.values()]
    django = [(name, summary) for name, summary in FROM_DJANGO.items() if summary]
    lines = [
        f"UnionHall 职工之家 {__version__}",
        "",
        "用法：unionhall 命令 [参数]；unionhall 命令 --help 查看一个命令",
    ]
    for title, rows in (("运行", own), ("业务", _room_summaries()), ("维护", django)):
        if rows:
            lines += ["", f"{title}："]
            lines += [f"  {name:<14}{summary}" for name, summary in rows]
    lines += ["", f"数据目录（UNIONHALL_HOME）：{home()}", "数据库：DATABASE_URL，没有则用自带的 PostgreSQL"]
    return "\n".join(lines)


def _run_management_command(name: str, arguments: list[str]) -> int:
    """Run a Django command as `manage.py` would, but let failures reach `main` as exceptions."""
    from django.core.management import handle_default_options, load_command_class

    load_django()
    command = load_command_class(_management_commands()[name], name)
    parser = command.create_parser("unionhall", name)

    def complain(message: str) -> NoReturn:
        raise mistake(f"unionhall {name}", message)

    parser.error = complain  # type: ignore[method-assign]
    parsed = parser.parse_args(arguments)
    handle_default_options(parsed)
    options = vars(parsed)
    positional = options.pop("args", ())
    from django.db import connections

    try:
        command.execute(*positional, **options)
    finally:
        connections.close_all()
    return 0


def _is_shipped(name: str) -> bool:
    """Whether a room or Django itself has the command, by its file: known before anything is loaded or started."""
    import django

    rooms, core = PROJECT.glob("unionhall/*"), Path(django.__path__[0]) / "core"
    return any((place / "management" / "commands" / f"{name}.py").is_file() for place in (*rooms, core))


def _require(name: str) -> None:
    """Raise Refusal for a command that nobody has."""
    if not _is_shipped(name):
        load_django()
        if name not in _management_commands():
            raise Refusal(f"没有“{name}”这个命令；执行 unionhall --help 查看全部命令。", 2)


def run(name: str, arguments: list[str]) -> int:
    """Run one command and return its exit status. Failures are raised."""
    if name in OWN:
        return OWN[name].run(arguments)
    _require(name)
    without = name in WITHOUT_DATABASE or (name, *arguments[:1]) in READING_FILES
    if without or {"-h", "--help"} & set(arguments):
        return _run_management_command(name, arguments)
    with database():
        return _run_management_command(name, arguments)


def main(argv: Sequence[str] | None = None) -> int:
    """The entry point: 0 done, 1 refused or failed, 2 wrong arguments, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    full = "--traceback" in words or os.environ.get("UNIONHALL_DEBUG") == "1"
    try:
        home()
        if words and words[0] in ("-V", "--version", "version"):
            print(f"UnionHall {__version__}")
            return 0
        if not words or words[0] in ("-h", "--help", "help"):
            print(overview())
            return 0
        return run(words[0], words[1:])
    except KeyboardInterrupt:
        print("已中断。", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as failure:
        if full and not isinstance(failure, Refusal):
            raise
        line, status = plain(failure)
        print(line, file=sys.stderr)
        return status
