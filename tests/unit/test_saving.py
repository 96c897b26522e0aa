"""Files that are saved: whole, never over another one, with names that harm nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.monitor.saving import SLICE, save


async def test_it_is_written_whole_and_never_over_another(tmp_path: Path) -> None:
    content = b"x" * (2 * SLICE + 7)
    first = await save(tmp_path, "hugegraph-7-result", ".json", content)
    second = await save(tmp_path, "hugegraph-7-result", ".json", b"other")
    assert (first.name, second.name) == ("hugegraph-7-result.json", "hugegraph-7-result-1.json")
    assert first.read_bytes() == content
    assert second.read_bytes() == b"other"


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("../../etc/passwd", "etc_passwd.txt"),
        ("a\x1b]0;owned\x07b", "a_0_owned_b.txt"),
        ("图/7\n", "7.txt"),
        ("", "graphtop.txt"),
    ],
)
async def test_a_name_stays_in_its_folder(tmp_path: Path, stem: str, name: str) -> None:
    path = await save(tmp_path, stem, ".txt", b"")
    assert path == tmp_path / name


async def test_a_folder_that_can_not_be_written_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await save(tmp_path / "nowhere", "a", ".txt", b"")
