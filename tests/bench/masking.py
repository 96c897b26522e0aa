"""Texts made to be hard to search for secrets: ten times as long a text should take ten times as long."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend_adapters.redaction import mask_secrets
from tests.bench.figures import Figure, interleaved, median, report

SMALL, BIG = 40_000, 400_000
REPEATS = 3
PIECES = (
    *("token=x", "token", '"token":{', '"token":[', "token='", "secret \\\\", "\u0301", "token.", "token=a "),
    *("://", "://a", "://a:b", "secret ", 'password":"', "Bearer ", "eyJ.", "Cookie: a=b;", "--password "),
    *("-----BEGIN PRIVATE KEY-----", '-----BEGIN PRIVATE KEY-----"', " -u a -p b", "sig=x&", "Digest a=b, "),
)


def taken(piece: str, length: int) -> Callable[[], float]:
    """What measures the hiding in a piece repeated up to a length, in ms of the processor."""
    text = piece * (length // len(piece))

    def measured() -> float:
        began = time.process_time()
        mask_secrets(text)
        return (time.process_time() - began) * 1000

    return measured


def worst() -> tuple[float, float, str]:
    """Milliseconds of the processor for the long and the short text of the worst piece, and the piece."""
    grown = []
    for piece in PIECES:
        small, big = interleaved([taken(piece, SMALL), taken(piece, BIG)], REPEATS)
        grown.append((median(big), median(small), piece))
    return max(grown, key=lambda one: one[0] / one[1])


def main() -> None:
    """Report the piece whose time grows most with the length."""
    big, small, piece = worst()
    report(
        Figure(
            what=f"hide secrets: 400 kB of the same piece over and over, the worst of {len(PIECES)}, CPU",
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
