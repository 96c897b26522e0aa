"""Each section of a PROTOCOL.md that a comment cites is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = [path for top in ("backend_adapters", "tui", "tests") for path in (ROOT / top).rglob("*.py")]
CITATION = re.compile(
    r"((?:ges|hugegraph)/)?PROTOCOL\.md,\s+(?:sections? )?([\d.]*\d(?:(?:,| and| to) [\d.]*\d)*)"
)


def cited(dialect: str) -> set[str]:
    """The numbers of the sections that are cited of a dialect's protocol."""
    return {
        number
        for path in SOURCES
        for folder, numbers in CITATION.findall(path.read_text())
        for number in re.findall(r"[\d.]*\d", numbers)
        if (folder or f"{path.relative_to(ROOT).parts[1]}/") == f"{dialect}/"
    }


@pytest.mark.parametrize("dialect", ["ges", "hugegraph"])
def test_cited_sections_are_there(dialect):
    text = (ROOT / "backend_adapters" / dialect / "PROTOCOL.md").read_text()
    there = set(re.findall(r"^##+ ([\d.]+) ", text, re.MULTILINE))
    assert len(cited(dialect)) > 5
    assert cited(dialect) <= there
