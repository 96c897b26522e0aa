"""`graphtop input` and `graphtop result` on a fake server: where the bytes go, and what is said."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from msgspec.structs import replace

from backend_adapters.errors import Unreachable, Unsupported
from tests.cli.fake_session import FakeSession
from tests.support.other_user import as_other, give_away, need_root, shared_folder
from tests.unit import fakes
from tui.cli import exit_codes
from tui.cli.errors import CommandError
from tui.cli.output.output_file import read_mode
from tui.cli.work import text_download
from tui.cli.work.text_download import TerminalFilter, TextOptions


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


def chosen(
    path: Path | None = None, *, mask: bool = False, force: bool = False, mode: int | None = None
) -> TextOptions:
    return TextOptions(id="7", file=path and str(path), mask=mask, force=force, mode=mode)


async def given(
    *pieces: bytes, path: Path | None = None, terminal: bool = False, **flags: bool | int
) -> tuple[int, bytes]:
    """The exit code and what was printed, for a text that comes in these pieces."""
    rig = FakeSession()
    rig.backend.pieces = list(pieces)
    output = Output(terminal=terminal)
    with redirect_stdout(output):
        code = await text_download.download_text(rig.session, "result", chosen(path, **flags))
    return code, output.data


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files_in(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


SECRET = (b'{"password": "hun', b'ter2"}\xff\r\n')


async def test_a_pipe_gets_the_bytes_as_they_are(capsys) -> None:
    assert await given(*SECRET) == (exit_codes.OK, b"".join(SECRET))
    assert capsys.readouterr().err == ""


async def test_a_mask_hides_secrets_in_a_pipe_and_in_a_file(tmp_path: Path) -> None:
    hidden = '{"password": "••••••"}'.encode() + b"\xff\r\n"
    assert await given(*SECRET, mask=True) == (exit_codes.OK, hidden)
    assert (await given(*SECRET, path=tmp_path / "out", mask=True))[0] == exit_codes.OK
    assert (tmp_path / "out").read_bytes() == hidden


async def test_a_terminal_gets_what_is_harmless_and_an_end_of_line() -> None:
    code, printed = await given(*SECRET, b"\x1b[2J\t\x00", terminal=True)
    assert (code, printed.decode()) == (exit_codes.OK, '{"password": "••••••"}�\n␛[2J\t␀\n')


async def test_a_text_that_is_not_there_is_told(capsys, tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert await given(path=path) == (exit_codes.NOT_FOUND, b"")
    assert await given() == (exit_codes.NOT_FOUND, b"")
    said = "graphtop: fake · g: No result is stored for task 7 yet.\n"
    assert capsys.readouterr().err == said * 2
    assert files_in(tmp_path) == []


async def test_a_finished_task_will_have_no_result_later(capsys) -> None:
    rig = FakeSession(fakes.task(7, fakes.S.SUCCESS))
    rig.backend.pieces = []
    assert await text_download.download_text(rig.session, "result", chosen()) == exit_codes.NOT_FOUND
    assert capsys.readouterr().err == "graphtop: fake · g: No result is stored for task 7.\n"


async def test_how_much_came_is_shown_on_a_terminal(
    long_lines, capsys, stderr_terminal, tmp_path: Path
) -> None:
    path = tmp_path / "out"
    assert (await given(b"x" * 900, b"x" * 600, path=path))[0] == exit_codes.OK
    assert capsys.readouterr().err == (
        f"\r\x1b[K900 B\r\x1b[K1.5 kB\r\x1b[Kgraphtop: Wrote 1.5 kB to {path}.\n"
    )


async def test_a_secret_without_an_end_is_told_and_leaves_no_file(tmp_path: Path) -> None:
    pieces = (b'"password": "', *[b"x" * 100_000] * 20)
    with pytest.raises(
        CommandError, match=r"^A secret in the text is too long to be hidden piece by piece\.$"
    ) as ended:
        await given(*pieces, path=tmp_path / "out", mask=True)
    assert ended.value.code == exit_codes.FAILED
    assert files_in(tmp_path) == []


async def test_a_text_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    rig = FakeSession()
    rig.backend.pieces = [b"one", b"two"]
    rig.backend.faults["piece"] = [None, Unreachable("It was cut.")]
    path = tmp_path / "out"
    with pytest.raises(Unreachable):
        await text_download.download_text(rig.session, "result", chosen(path))
    assert files_in(tmp_path) == []


async def test_a_server_without_texts_is_told(monkeypatch) -> None:
    can = replace(fakes.INFO.capabilities, has_texts=False)
    monkeypatch.setattr(fakes, "INFO", replace(fakes.INFO, capabilities=can))
    with pytest.raises(Unsupported, match=r"^This kind of server stores no result for its tasks\.$") as told:
        await given(b"x")
    assert told.value.hint == "Use `graphtop get` to see a task."


async def test_a_file_that_came_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("mine")
    with pytest.raises(CommandError, match="out already exists") as refused:
        await given(b"x", path=path)
    assert (refused.value.code, path.read_text()) == (exit_codes.USAGE, "mine")
    assert files_in(tmp_path) == ["out"]


async def test_a_file_that_is_overwritten_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    path, link = tmp_path / "out", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    assert (await given(b"new", path=link, force=True))[0] == exit_codes.OK
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode), link.is_symlink()) == ("new", 0o640, True)


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027])
async def test_a_new_file_is_its_owners_alone(tmp_path: Path, force: bool, umask: int) -> None:
    before = os.umask(umask)
    try:
        assert (await given(b"new", path=tmp_path / "out", force=force))[0] == exit_codes.OK
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "out") == 0o600


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("mode", [0o640, 0o666, 0o400])
async def test_a_file_has_the_mode_that_was_said(tmp_path: Path, force: bool, mode: int) -> None:
    path = tmp_path / "out"
    if force:
        path.write_text("old")
    assert (await given(b"new", path=path, force=force, mode=mode))[0] == exit_codes.OK
    assert mode_of(path) == mode


@pytest.mark.parametrize(("words", "mode"), [("600", 0o600), ("0644", 0o644), ("000", 0)])
def test_a_mode_is_octal(words: str, mode: int) -> None:
    assert read_mode(words) == mode


@pytest.mark.parametrize("words", ["", "64", "648", "1777", "rw-r--r--", "0o644", "６００"])
def test_what_is_no_mode_is_told(call, words: str) -> None:
    done = call("result", "1", "-o", "out", "--mode", words)
    assert (done.returncode, f'"{words}" is not a file mode' in done.stderr) == (2, True)


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "no" / "out"
    with pytest.raises(CommandError, match=r"^Can't write .*/no/out: No such file or directory.$") as refused:
        await given(b"x", path=path)
    assert refused.value.code == exit_codes.FAILED


def test_a_file_that_is_there_is_refused_before_anybody_is_asked(call, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.symlink_to("nowhere")
    done = call("result", "1", "-o", str(path), "--url", "http://127.0.0.1:9")
    assert (done.returncode, done.stderr) == (
        2,
        f"graphtop: {path} already exists. Use -f to overwrite it.\n",
    )
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
    harmless = TerminalFilter()
    assert b"".join([*map(harmless, pieces), harmless(None)]).decode() == shown


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links, as FAT is."""

    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)


async def test_a_file_is_written_where_there_are_no_hard_links(no_links: None, tmp_path: Path) -> None:
    assert (await given(*SECRET, path=tmp_path / "out"))[0] == exit_codes.OK
    assert (tmp_path / "out").read_bytes() == b"".join(SECRET)
    assert mode_of(tmp_path / "out") == 0o600
    with pytest.raises(CommandError, match="out already exists"):
        await given(b"x", path=tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"".join(SECRET)
    assert files_in(tmp_path) == ["out"]


async def test_a_file_that_can_not_get_its_name_leaves_none(no_links, monkeypatch, tmp_path: Path) -> None:
    def fail(path: Path, target: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(CommandError, match=r"^Can't write .*/out: Input/output error.$"):
        await given(b"x", path=tmp_path / "out")
    assert files_in(tmp_path) == []


# --- where others can write --------------------------------------------------------------------------

DATA = (b"the result",)


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    """A file that nothing must touch."""
    path = tmp_path / "precious"
    path.write_text("mine")
    return path


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can reach, and write into as into /tmp."""
    with shared_folder(0o1777) as folder:
        yield folder


def refused(path: Path, words: str) -> None:
    with pytest.raises(CommandError) as caught:
        asyncio.run(given(*DATA, path=path, force=True))
    assert str(caught.value) == f"Can't write {path}: {words}."


def written(path: Path) -> None:
    assert asyncio.run(given(*DATA, path=path, force=True))[0] == exit_codes.OK
    assert path.read_bytes() == b"".join(DATA)


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770], ids=oct)
@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_a_folder_that_others_write_into_is_replaced(
    precious: Path, tmp_path: Path, mode: int, there: bool
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(mode)
    path = folder / "out"
    path.symlink_to(precious if there else tmp_path / "new")
    written(path)
    assert (path.is_symlink(), mode_of(path), precious.read_text()) == (False, 0o600, "mine")
    assert not (tmp_path / "new").exists()


def test_an_own_link_to_a_link_in_such_a_folder_replaces_that(precious: Path, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "out").symlink_to(precious)
    folder.chmod(0o777)
    (tmp_path / "link").symlink_to("open/out")
    written(tmp_path / "link")
    assert ((tmp_path / "link").is_symlink(), (folder / "out").is_symlink()) == (True, False)
    assert precious.read_text() == "mine"


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to("out")
    refused(tmp_path / "out", "Too many levels of symbolic links")


def test_a_pipe_without_a_reader_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "nobody reads from it")


def test_a_pipe_with_a_reader_is_written(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert asyncio.run(given(*DATA, path=tmp_path / "pipe", force=True))[0] == exit_codes.OK
    assert os.read(reader, 100) == b"".join(DATA)
    os.close(reader)


def test_a_file_in_a_folder_that_a_shell_opened_is_written(tmp_path: Path) -> None:
    (tmp_path / "within").mkdir()
    folder = os.open(tmp_path, os.O_RDONLY)
    written(Path(f"/dev/fd/{folder}/out"))
    written(Path(f"/proc/{os.getpid()}/fd/{folder}/within/out"))
    os.close(folder)
    assert (tmp_path / "within" / "out").read_bytes() == (tmp_path / "out").read_bytes() == b"".join(DATA)


@pytest.mark.parametrize(
    ("path", "words"),
    [("/", "Is a directory"), ("/proc/self/fd/99999/out", "No such file or directory")],
)
def test_what_can_be_no_file_is_told(path: str, words: str) -> None:
    refused(Path(path), words)


def test_what_a_shell_opened_is_written() -> None:
    reading, writing = os.pipe()
    assert asyncio.run(given(*DATA, path=Path(f"/dev/fd/{writing}"), force=True))[0] == exit_codes.OK
    assert os.read(reading, 100) == b"".join(DATA)
    os.close(reading)
    os.close(writing)


def test_a_file_that_is_open_already_is_written(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        written(Path(f"/dev/fd/{file.fileno()}"))
    assert files_in(tmp_path) == ["out"]


def test_a_link_that_another_user_planted_is_replaced(public: Path, precious: Path) -> None:
    need_root()
    as_other(f"ln -s {precious} out", public)
    written(public / "out")
    assert ((public / "out").is_symlink(), precious.read_text()) == (False, "mine")


def test_a_pipe_that_another_user_planted_gets_nothing(public: Path) -> None:
    need_root()
    as_other("mkfifo -m 666 out", public)
    reader = os.open(public / "out", os.O_RDONLY | os.O_NONBLOCK)
    refused(public / "out", "it belongs to nobody, but graphtop runs as root")
    assert os.read(reader, 100) == b""
    os.close(reader)


@pytest.mark.parametrize("force", [True, False])
def test_a_linked_folder_that_another_user_planted_is_not_followed(
    public: Path, tmp_path: Path, force: bool
) -> None:
    need_root()
    as_other(f"ln -s {tmp_path} folder", public)
    said = f"the link {public / 'folder'} belongs to nobody, but graphtop runs as root"
    with pytest.raises(CommandError, match=said):
        asyncio.run(given(*DATA, path=public / "folder" / "out", force=force))
    assert files_in(tmp_path) == []


def test_a_file_of_another_user_does_not_choose_the_mode(tmp_path: Path) -> None:
    need_root()
    path = tmp_path / "out"
    path.write_text("old")
    path.chmod(0o666)
    give_away(path)
    written(path)
    assert (mode_of(path), path.stat().st_uid) == (0o600, 0)
