"""graphtop that ends with its first rows: `python -m tests.terminal.counting_program FILE demo`.

The file has the names of the modules that were loaded by then, one a line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    """Run graphtop with the arguments that follow the file until a status is written to the terminal."""
    file = Path(sys.argv.pop(1))
    from tui.textual_ext.terminal_output import TerminalOutput

    write = TerminalOutput.write

    def write_and_count(output: TerminalOutput, text: str) -> None:
        if "success" in text:
            file.write_text("\n".join(sorted(sys.modules)))
            os._exit(0)
        write(output, text)

    TerminalOutput.write = write_and_count  # type: ignore[method-assign]
    from tui.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
