"""Files that are saved: whole, never over another one, with names that harm nobody."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from backend_adapters.errors import Unreachable
from backend_adapters.redaction import MaskingStream, mask_secrets
from tui.monitor.file_export import EXPORT_SLICE, save_stream, save_text


async def test_it_is_written_whole_and_never_over_another(tmp_path: Path) -> None:
    content = b"x" * (2 * EXPORT_SLICE + 7)
    first = await save_text(tmp_path, "hugegraph-7-result", ".json", content)
    second = await save_text(tmp_path, "hugegraph-7-result", ".json", b"other")
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
    path = await save_text(tmp_path, stem, ".txt", b"")
    assert path == tmp_path / name


@pytest.mark.parametrize("umask", [0o000, 0o022])
async def test_it_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        paths = [
            await save_text(tmp_path, "a", ".txt", b"x"),
            await save_stream(tmp_path, "b", ".txt", given(b"x"), lambda written: None),
        ]
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600, 0o600]


async def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "new")
    assert (await save_text(tmp_path, "a", ".txt", b"x")).name == "a-1.txt"
    assert not content_exists(tmp_path / "new")


async def test_a_long_name_is_cut_and_numbers_count_on(tmp_path: Path) -> None:
    paths = [await save_text(tmp_path, "a" * 150, ".json", b"") for _ in range(3)]
    assert [path.name for path in paths] == [f"{'a' * 100}{number}.json" for number in ("", "-1", "-2")]


async def test_a_large_text_leaves_the_loop_free(tmp_path: Path) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    await save_text(tmp_path, "a", ".txt", b"x" * (3 * EXPORT_SLICE + 1))
    assert 3 <= turns < 20, "a turn after each slice, and no rest"
    turns = 0
    await save_stream(tmp_path, "b", ".txt", given(*[b"x" * 10] * 5), lambda written: None)
    assert 4 <= turns < 20
    counting.cancel()


async def test_a_folder_that_can_not_be_written_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await save_text(tmp_path / "nowhere", "a", ".txt", b"")


# Streams.


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def content_exists(path: Path) -> bool:
    return path.exists()


def content_of(path: Path) -> bytes:
    return path.read_bytes()


async def given(*pieces: bytes) -> AsyncGenerator[bytes, None]:
    for piece in pieces:
        yield piece


async def test_a_stream_is_written_whole_with_its_secrets_hidden(tmp_path: Path) -> None:
    told: list[int] = []
    pieces = [b"x" * 100_000, b'{"pass', b'word": "hun', b'ter2"}', b"y" * 200_000, b' {"token": "abc"}']
    path = await save_stream(tmp_path, "g-7-result", ".json", given(*pieces), told.append)
    written = content_of(path)
    assert written == mask_secrets(b"".join(pieces).decode()).encode()
    assert b"hunter2" not in written
    assert told[-1] == len(written)
    assert told == sorted(told)


async def test_a_stream_that_breaks_leaves_no_file(tmp_path: Path) -> None:
    async def breaks() -> AsyncGenerator[bytes, None]:
        yield b"x" * EXPORT_SLICE
        raise Unreachable("The connection was cut.")

    with pytest.raises(Unreachable):
        await save_stream(tmp_path, "a", ".txt", breaks(), lambda written: None)
    assert files(tmp_path) == []


async def test_a_stream_that_is_stopped_is_closed_and_leaves_no_file(tmp_path: Path) -> None:
    begun, closed = asyncio.Event(), []

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x" * EXPORT_SLICE
                begun.set()
                await asyncio.sleep(0.001)
        finally:
            closed.append(True)

    saving = asyncio.create_task(save_stream(tmp_path, "a", ".txt", endless(), lambda written: None))
    await begun.wait()
    assert len(files(tmp_path)) == 1
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    assert (files(tmp_path), closed) == ([], [True])


async def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: MaskingStream, piece: bytes) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(MaskingStream, "mask_piece", full)
    with pytest.raises(OSError, match="No space"):
        await save_stream(tmp_path, "a", ".txt", given(b"x"), lambda written: None)
    assert files(tmp_path) == []
