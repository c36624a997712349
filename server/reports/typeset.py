"""typst in a process of its own, so that one that takes too long can be ended.

Rule: told on stdin, the PDF on stdout; exit code 3 and the reason on stderr where it cannot be set.
Nothing of the server is imported here: the start has to be short.
"""

import json
import os
import sys
from pathlib import Path

import typst

EXIT_UNSET = 3
NICENESS = 5  # Requests go first.


def main() -> int:
    """Set `report.typ` in the folder that is named, with its `data.json` and pictures beside it."""
    order = json.load(sys.stdin)
    os.nice(NICENESS)
    fonts = typst.Fonts(
        include_system_fonts=order["system"],
        include_embedded_fonts=True,
        font_paths=order["fonts"],
    )
    folder = Path(order["folder"])
    try:
        made = typst.compile(
            folder / "report.typ",
            root=folder,
            format="pdf",
            font_paths=fonts,
            pdf_standards=["a-2b"],
            pdf_tags=order["tags"],
        )
    except typst.TypstError as error:
        sys.stderr.write(str(error))
        return EXIT_UNSET
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
