"""Files, pipes and devices that a person names are read to their end, or not for long."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_adapters import files
from backend_adapters.files import read_limited, regular_path


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for long."""
    monkeypatch.setattr(files, "WRITER_WITHIN", 0.01)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


@pytest.fixture
def writer(pipe: Path) -> Iterator[int]:
    """The other end of the pipe, which stays open."""
    number = os.open(pipe, os.O_RDWR)
    yield number
    os.close(number)


@pytest.mark.parametrize(("most", "read"), [(3, b"abc"), (6, b"abcdef"), (100, b"abcdef")])
def test_of_a_file_so_much_is_read(tmp_path: Path, most: int, read: bytes) -> None:
    (tmp_path / "file").write_bytes(b"abcdef")
    assert read_limited(tmp_path / "file", most) == read


def test_a_pipe_without_a_writer_is_left(pipe: Path) -> None:
    with pytest.raises(OSError, match="nothing was written to it"):
        read_limited(pipe, 100, patience=3600)


def test_a_writer_that_says_nothing_is_not_waited_for_longer(pipe: Path, writer: int) -> None:
    with pytest.raises(OSError, match=r"it did not end within 0\.02 s"):
        read_limited(pipe, 100, patience=0.02)


def test_nor_is_one_that_never_ends(pipe: Path, writer: int) -> None:
    os.write(writer, b"some")
    with pytest.raises(OSError, match=r"it did not end within 0\.02 s"):
        read_limited(pipe, 100, patience=0.02)


def test_a_pipe_gives_what_was_asked_for(pipe: Path, writer: int) -> None:
    os.write(writer, b"abcdef")
    assert read_limited(pipe, 3, patience=3600) == b"abc"


def test_what_is_typed_at_a_terminal_is_read() -> None:
    master, terminal = os.openpty()
    os.write(master, b"typed\n\x04")
    assert read_limited(os.ttyname(terminal), 100, patience=3600) == b"typed\n"
    os.close(terminal)
    os.close(master)


def test_devices_are_read_as_far_as_they_go() -> None:
    assert read_limited("/dev/null", 100) == b""
    assert read_limited("/dev/zero", 5) == bytes(5)
    with pytest.raises(IsADirectoryError):
        read_limited("/dev", 5)


def test_what_is_no_file_is_copied_for_what_opens_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with regular_path(tmp_path / "file") as name:
        assert name == str(tmp_path / "file")
    reading, writing = os.pipe()
    os.write(writing, b"abc")
    os.close(writing)
    with regular_path(f"/dev/fd/{reading}") as name:
        assert [Path(name).read_bytes() for _ in range(2)] == [b"abc", b"abc"]
    os.close(reading)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="This system has no files in memory.")
def test_a_key_from_a_pipe_is_copied_into_memory_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    reading, writing = os.pipe()
    os.write(writing, b"key")
    os.close(writing)
    with regular_path(f"/dev/fd/{reading}") as name:
        assert Path(name).read_bytes() == b"key"
    os.close(reading)
