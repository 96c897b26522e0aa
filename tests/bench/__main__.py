"""`make bench`: every figure in one table, also in RESULTS.md; `python -m tests.bench NAME…` runs some of it.

Each bench runs in a process of its own: what one leaves in memory must not slow the next.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import msgspec

from tests.bench.figures import Figure

BENCHES = (
    "start",
    "depth",
    "real_start",
    "version",
    "quiet",
    "over_ssh",
    "cpu",
    "wire",
    "load",
    "keys",
    "shape",
    "history",
    "past",
    "marks",
    "result",
    "saved",
    "masking",
    "places",
    "hidden",
    "simulated",
    "typed",
    "blocks",
    "session",
    "ticks",
    "leave",
    "task_table",
    "text_view",
)
RESULTS = Path(__file__).with_name("RESULTS.md")
HEADS = ("figure", "goal", "graphtop", "baseline", "ratio", "met?")
LIBRARIES = ("textual", "httpx", "pydantic", "msgspec")


def run(bench: str) -> list[Figure] | None:
    """The figures of one bench; None when it failed, of which it has told itself."""
    print(f"measuring: {bench}", file=sys.stderr, flush=True)
    done = subprocess.run([sys.executable, "-m", f"tests.bench.{bench}"], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        return None
    return [msgspec.json.decode(line, type=Figure) for line in done.stdout.splitlines()]


def number(value: float) -> str:
    """Three digits that tell something: `0`, `0.47`, `8.3`, `217`, `12,754`."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cells(figure: Figure) -> tuple[str, ...]:
    """A figure as a row of the table."""
    baseline, ratio = "", ""
    if figure.baseline is not None:
        baseline = f"{number(figure.baseline)} {figure.unit} ({figure.against})".replace("  ", " ")
    if figure.ratio is not None:
        ratio = f"{figure.ratio:.3g} x"
    met = {True: "yes", False: "**no**", None: ""}[figure.met]
    ours = f"{number(figure.ours)} {figure.unit}".rstrip()
    return (
        figure.what,
        figure.goal,
        ours + (f" ({figure.note})" if figure.note else ""),
        baseline,
        ratio,
        met,
    )


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows as a table that reads well in a terminal and on a page."""
    whole = [HEADS, *rows]
    widths = [max(len(row[column]) for row in whole) for column in range(len(HEADS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in whole
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def results(figures: list[Figure]) -> str:
    """The page: what has a goal first, then what else is compared."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    goals = [cells(figure) for figure in figures if figure.goal]
    others = [cells(figure) for figure in figures if not figure.goal]
    parts = [
        "# What `make bench` measured\n",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {libraries}. A machine's speed drifts:",
        "compare figures of this one run, and best the ratios, whose two sides were measured in turns.\n",
        table(goals),
    ]
    if others:
        parts += ["\n## Against other widgets and libraries\n", table(others)]
    return "\n".join(parts) + "\n"


def main() -> int:
    """Measure all, or those that are named; a partial run is printed and not written."""
    chosen = sys.argv[1:] or list(BENCHES)
    unknown = set(chosen) - set(BENCHES)
    if unknown:
        print(
            f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}", file=sys.stderr
        )
        return 2
    measured = {bench: run(bench) for bench in chosen}
    page = results([figure for figures in measured.values() for figure in figures or ()])
    print(page)
    failed = [bench for bench, figures in measured.items() if figures is None]
    if failed:
        print(f"not measured, for they failed: {', '.join(failed)}", file=sys.stderr)
    elif not sys.argv[1:]:
        RESULTS.write_text(page)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
