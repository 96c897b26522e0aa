"""Texts made to be hard to search for secrets: ten times as long a text should take ten times as long."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend_adapters.transport.redact import redact
from tests.bench.figures import Figure, interleaved, median, report
from tui.masking import mask

SMALL, BIG = 40_000, 400_000
REPEATS = 3
PIECES = {
    "hide secrets": (
        mask,
        ("token=x", "token", '"token":{', '"token":[', "token='", "secret \\\\", "\u0301"),
    ),
    "redact an error": (redact, ("token", "token=", "://", "://a", "secret ", 'password":"', "Bearer ")),
}


def taken(work: Callable[[str], str], piece: str, length: int) -> Callable[[], float]:
    """What measures some work on a piece repeated up to a length, in ms of the processor."""
    text = piece * (length // len(piece))

    def measured() -> float:
        began = time.process_time()
        work(text)
        return (time.process_time() - began) * 1000

    return measured


def worst(work: Callable[[str], str], pieces: tuple[str, ...]) -> tuple[float, float, str]:
    """Milliseconds of the processor for the long and the short text of the worst piece, and the piece."""
    grown = []
    for piece in pieces:
        small, big = interleaved([taken(work, piece, SMALL), taken(work, piece, BIG)], REPEATS)
        grown.append((median(big), median(small), piece))
    return max(grown, key=lambda one: one[0] / one[1])


def main() -> None:
    """Report the piece of each kind whose time grows most with the length."""
    for what, (work, pieces) in PIECES.items():
        big, small, piece = worst(work, pieces)
        report(
            Figure(
                what=f"{what}: 400 kB of the same piece over and over, the worst of {len(pieces)}, CPU",
                ours=big,
                unit="ms",
                goal="<= 15 x",
                limit=15.0,
                baseline=small,
                against="40 kB of it",
                by_ratio=True,
                note=ascii(piece),
            )
        )


if __name__ == "__main__":
    main()
