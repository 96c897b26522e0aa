"""`graphtop input` and `graphtop result` on a fake server: where the bytes go, and what is said."""

from __future__ import annotations

import argparse
import errno
import io
import os
import stat
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from msgspec.structs import replace

from backend_adapters.errors import Unreachable, Unsupported
from tests.cli.rigs import Rig
from tests.unit import fakes
from tui.cli import codes, texts
from tui.cli.codes import GiveUp
from tui.cli.texts import Harmless


class Output(io.TextIOWrapper):
    """A standard output whose bytes a test reads."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    @property
    def data(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()


def chosen(path: Path | None = None, *, mask: bool = False, force: bool = False) -> argparse.Namespace:
    return argparse.Namespace(id="7", output=path, mask=mask, force=force)


async def given(
    *pieces: bytes, path: Path | None = None, terminal: bool = False, **flags: bool
) -> tuple[int, bytes]:
    """The exit code and what was printed, for a text that comes in these pieces."""
    rig = Rig()
    rig.backend.pieces = list(pieces)
    output = Output(terminal=terminal)
    with redirect_stdout(output):
        code = await texts._give(rig.session, "result", chosen(path, **flags), path)
    return code, output.data


def files_in(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


SECRET = (b'{"password": "hun', b'ter2"}\xff\r\n')


async def test_a_pipe_gets_the_bytes_as_they_are(capsys) -> None:
    assert await given(*SECRET) == (codes.OK, b"".join(SECRET))
    assert capsys.readouterr().err == ""


async def test_a_mask_hides_secrets_in_a_pipe_and_in_a_file(tmp_path: Path) -> None:
    hidden = '{"password": "••••••"}'.encode() + b"\xff\r\n"
    assert await given(*SECRET, mask=True) == (codes.OK, hidden)
    assert (await given(*SECRET, path=tmp_path / "out", mask=True))[0] == codes.OK
    assert (tmp_path / "out").read_bytes() == hidden


async def test_a_terminal_gets_what_is_harmless_and_an_end_of_line() -> None:
    code, printed = await given(*SECRET, b"\x1b[2J\t\x00", terminal=True)
    assert (code, printed.decode()) == (codes.OK, '{"password": "••••••"}�\n␛[2J\t␀\n')


async def test_a_text_that_is_not_there_is_told(capsys, tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert await given(path=path) == (codes.NOT_FOUND, b"")
    assert await given() == (codes.NOT_FOUND, b"")
    said = "graphtop: fake · g: task 7 has no result, or none yet.\n"
    assert capsys.readouterr().err == said * 2
    assert files_in(tmp_path) == []


async def test_how_much_came_is_shown_on_a_terminal(
    long_lines, capsys, stderr_terminal, tmp_path: Path
) -> None:
    path = tmp_path / "out"
    assert (await given(b"x" * 900, b"x" * 600, path=path))[0] == codes.OK
    assert capsys.readouterr().err == (
        f"\r\x1b[K900 B\r\x1b[K1.5 kB\r\x1b[Kgraphtop: 1.5 kB are in {path}.\n"
    )


async def test_a_secret_without_an_end_is_told_and_leaves_no_file(tmp_path: Path) -> None:
    pieces = (b'"password": "', *[b"x" * 100_000] * 20)
    with pytest.raises(GiveUp, match=r"^a secret in it is too long to be hidden piece by piece\.$") as ended:
        await given(*pieces, path=tmp_path / "out", mask=True)
    assert ended.value.code == codes.FAILED
    assert files_in(tmp_path) == []


async def test_a_text_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    rig = Rig()
    rig.backend.pieces = [b"one", b"two"]
    rig.backend.faults["piece"] = [None, Unreachable("It was cut.")]
    path = tmp_path / "out"
    with pytest.raises(Unreachable):
        await texts._give(rig.session, "result", chosen(path), path)
    assert files_in(tmp_path) == []


async def test_a_server_without_texts_is_told(monkeypatch) -> None:
    can = replace(fakes.INFO.capabilities, texts=False)
    monkeypatch.setattr(fakes, "INFO", replace(fakes.INFO, capabilities=can))
    with pytest.raises(Unsupported, match=r"^Tasks of this kind of server have no result to read\.$") as told:
        await given(b"x")
    assert told.value.hint == "`graphtop get` shows them."


async def test_a_file_that_came_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("mine")
    with pytest.raises(GiveUp, match="out is there already: -f overwrites it") as refused:
        await given(b"x", path=path)
    assert (refused.value.code, path.read_text()) == (codes.USAGE, "mine")
    assert files_in(tmp_path) == ["out"]


async def test_a_file_that_is_overwritten_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    path, link = tmp_path / "out", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    assert (await given(b"new", path=link, force=True))[0] == codes.OK
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode), link.is_symlink()) == ("new", 0o640, True)


@pytest.mark.parametrize("force", [True, False])
async def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path, force: bool) -> None:
    before = os.umask(0o027)
    try:
        assert (await given(b"new", path=tmp_path / "out", force=force))[0] == codes.OK
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "no" / "out"
    with pytest.raises(GiveUp, match=r"^can't write .*/no/out: No such file or directory\.$") as refused:
        await given(b"x", path=path)
    assert refused.value.code == codes.FAILED


def test_a_file_that_is_there_is_refused_before_anybody_is_asked(call, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.symlink_to("nowhere")
    done = call("result", "1", "-o", str(path), "--url", "http://127.0.0.1:9")
    assert (done.returncode, done.stderr) == (2, f"graphtop: {path} is there already: -f overwrites it.\n")
    assert call("result", "1", "-f", "-o", str(path), "--url", "http://127.0.0.1:9").returncode == 5
    assert call("result", "1", "-o", "-", "--url", "http://127.0.0.1:9").returncode == 5


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        ((b"a\r", b"\nb"), "a\nb"),
        ((b"a\r", b"b"), "a␍b"),
        ((b"a\r",), "a␍"),
        ((b"\xe5\x9b", b"\xbe"), "图"),
        ((b"\xe5\x9b",), "�"),
        ((b"a\tb\x07", b"\n\n"), "a\tb␇\n\n"),
        ((b"token=abc",), "token=••••••"),
    ],
)
def test_pieces_are_shown_as_the_whole(pieces: tuple[bytes, ...], shown: str) -> None:
    harmless = Harmless()
    assert b"".join([*map(harmless, pieces), harmless(None)]).decode() == shown


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links, as FAT is."""

    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)


async def test_a_file_is_written_where_there_are_no_hard_links(no_links: None, tmp_path: Path) -> None:
    assert (await given(*SECRET, path=tmp_path / "out"))[0] == codes.OK
    assert (tmp_path / "out").read_bytes() == b"".join(SECRET)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o666 & ~_umask()
    with pytest.raises(GiveUp, match="out is there already: -f overwrites it"):
        await given(b"x", path=tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"".join(SECRET)
    assert files_in(tmp_path) == ["out"]


async def test_a_file_that_can_not_get_its_name_leaves_none(no_links, monkeypatch, tmp_path: Path) -> None:
    def fail(path: Path, target: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(GiveUp, match=r"^can't write .*/out: Input/output error\.$"):
        await given(b"x", path=tmp_path / "out")
    assert files_in(tmp_path) == []


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
