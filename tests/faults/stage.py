"""A process that has Django loaded and forks for every act, so that an act can be killed hard and begun again at once.

It reads one act per line (JSON: name, arguments), answers the child's process id, and on {"wait": pid} how it ended.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

SERVING = "serving"


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from unionhall.cli.surroundings import load_django

    load_django()
    from tests.faults import acts

    print(SERVING, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        child = os.fork()
        if not child:
            perform(getattr(acts, request["act"]), request)
        print(child, flush=True)


def perform(act: Any, request: dict[str, Any]) -> None:
    """In the child: do it, write its answer (or its failure) to the file that was named, and end at once."""
    answer: dict[str, Any]
    try:
        answer = {"value": act(*request["arguments"])}
    except BaseException:
        answer = {"failure": traceback.format_exc()}
    target = Path(request["answer"])
    target.with_suffix(".part").write_text(json.dumps(answer), encoding="utf-8")
    target.with_suffix(".part").rename(target)
    os._exit(1 if "failure" in answer else 0)


if __name__ == "__main__":
    main()
