"""graphtop that waits an hour for answers and its terminal: `python -m tests.terminal.patient_program`."""

from __future__ import annotations

import sys

from msgspec.structs import replace

from backend_adapters.transport.client import Transport
from backend_adapters.transport.target import Target, Timeouts

HOUR = 3600.0
PATIENT = (sys.executable, "-m", "tests.terminal.patient_program")


def main() -> None:
    """Give every connection its time, and run graphtop with the arguments."""
    begin = Transport.__init__

    def begin_patiently(transport: Transport, target: Target, *more: object) -> None:
        begin(transport, replace(target, timeouts=Timeouts(HOUR, HOUR)), *more)  # type: ignore[arg-type]

    Transport.__init__ = begin_patiently  # type: ignore[method-assign]
    from tui.__main__ import main as run
    from tui.textual_ext import driver

    driver._LAST_WRITE_SECONDS = HOUR

    run()


if __name__ == "__main__":
    main()
