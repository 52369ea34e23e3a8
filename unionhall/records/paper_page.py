"""A page of a PDF as a picture: run as a program of its own, because a stranger's file may ask for more than there is.

    python -I paper_page.py PDF PAGE    writes a PNG to its output; of page 0 how many pages there are

typst draws PDF pages with a renderer in Rust that runs no script, opens no address and starts no program. Time and
memory are bounded here and by the caller. Ends with 1 where it cannot be drawn.
"""

import re
import sys
from pathlib import Path

SECONDS, BYTES = 15, 2 * 1024**3
#: No picture is larger than this, whatever the file says of its size.
DRAW = b"""
#set page(width: auto, height: auto, margin: 0pt)
#let number = int(sys.inputs.page)
#context {
  let size = measure(image(sys.inputs.name, page: number))
  let scale = calc.min(640pt / size.width, 1280pt / size.height)
  image(sys.inputs.name, page: number, width: size.width * scale, height: size.height * scale)
}
"""
COUNT = b"#image(sys.inputs.name, page: 999999)"
_HINT = re.compile(r"only has (\d+) page")


def main(paper: Path, page: str) -> int:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False)

    def drawn(source: bytes) -> bytes:
        given = {"name": paper.name, "page": page}
        made = typst.compile(  # type: ignore[call-overload]  # its stubs ask for a root of bytes
            source, root=str(paper.parent), format="png", ppi=110, sys_inputs=given, font_paths=fonts
        )
        assert isinstance(made, bytes)
        return made

    try:
        sys.stdout.buffer.write(drawn(COUNT if page == "0" else DRAW))
    except typst.TypstError as said:
        found = _HINT.search(f"{said} {said.hints}") if page == "0" else None
        if found is None:
            return 1
        sys.stdout.write(found[1])
    return 0


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
