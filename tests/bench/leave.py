"""How long it takes to quit, from the key to the process's end, whatever is under way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.bench.figures import Figure, report
from tests.bench.raw_terminal import GRAPHTOP, Screen
from tests.bench.servers import serving, simulated

LIMIT = 0.3
REPEATS = 3


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and requests, and never answers."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for connection in taken:
            connection.close()


def left(
    arguments: tuple[str, ...], ready: bytes, keys: str = "", then: bytes = b"", quit: str = "\x11"
) -> float:
    """Milliseconds from the key to the end, at the worst of some runs."""
    times: list[float] = []
    for _ in range(REPEATS):
        with Screen([*GRAPHTOP, *arguments]) as screen:
            screen.until(ready)
            screen.watch(0.3)
            if keys:
                screen.send(keys)
                screen.until(then)
                screen.watch(0.3)
            times.append(screen.quit(quit) * 1000)
    return max(times)


def main() -> None:
    """Quit from the table, from a dialog, during a load, and while a server does not answer."""
    with silent() as mute, serving(*simulated(100_000)) as (large, _):
        states: dict[str, Callable[[], float]] = {
            "the table (q)": lambda: left(("demo",), b"success", quit="q"),
            "a dialog (ctrl+q)": lambda: left(("demo",), b"success", "b", b"Switch graph"),
            "100,000 tasks being loaded (ctrl+q)": lambda: left((large,), b"success"),
            "a server that does not answer (ctrl+q)": lambda: left((mute,), b"connecting"),
        }
        for name, measure in states.items():
            report(
                Figure(what=f"quit: {name}", ours=measure(), unit="ms", goal="<= 300 ms", limit=LIMIT * 1000)
            )


if __name__ == "__main__":
    main()
