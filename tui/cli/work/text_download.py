"""`graphtop input` and `graphtop result`: the whole text of a task, as a stream.

Into a pipe or a file the bytes go as the server has them, so that other programs can read them; on a terminal
what would drive it is made visible and secrets are hidden, as on the screen. No more than a piece of the text
is ever held.
"""

from __future__ import annotations

import argparse
import os
from codecs import getincrementaldecoder
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.backend import TextPart
from backend_adapters.errors import BackendError, NoSuchTask, Unreadable, Unsupported
from backend_adapters.model import Task, TaskId
from backend_adapters.redaction import MaskingStream, SecretTooLong
from tui import text
from tui.cli.argument_parser import Examples
from tui.cli.arguments import FROM_STDIN, OR_WHOLE, build_command_parser, check_id
from tui.cli.errors import CommandError, UsageError
from tui.cli.exit_codes import FAILED, NOT_FOUND, OK, combine_codes, exit_code_of
from tui.cli.output.output_file import open_output, read_mode
from tui.cli.output.standard_error import clear_progress, report_error, show_progress
from tui.cli.output.standard_output import StandardOutput
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.placed_ids import run_on_ids
from tui.cli.work.session import Session
from tui.cli.work.session_set import SessionSet

WriteBytes = Callable[[bytes], None]
PieceFilter = Callable[[bytes | None], bytes]
"""Takes a piece of the text, or None at its end, and gives what is to be written."""

TEXT_COMMAND_NOTES = """\
A pipe or file receives the bytes as the server has them, including secrets, unless --mask is given.
On a terminal, secrets are hidden and control characters are made visible. If the transfer breaks
off, no file is written. Only you can read a new file, whatever the umask, unless --mode says
otherwise."""


class TextOptions(Struct, frozen=True, kw_only=True):
    """What `graphtop input` and `graphtop result` were given."""

    id: str
    file: str | None = None
    """Where the text goes; standard output for None and `-`."""
    force: bool = False
    """Whether a file that is there is overwritten."""
    mode: int | None = None
    """The permissions of the file."""
    mask: bool = False
    """Whether secrets are hidden."""
    settings: SettingFlags = SettingFlags()

    @property
    def path(self) -> Path | None:
        """The file; None for standard output."""
        return Path(self.file) if self.file and self.file != "-" else None


def build_text_parser(part: TextPart, about: str, examples: Examples) -> argparse.ArgumentParser:
    """The flags of `graphtop input` and `graphtop result`."""
    parser = build_command_parser(
        part,
        about,
        examples=examples,
        notes=TEXT_COMMAND_NOTES,
        codes={NOT_FOUND: f"no such task, or it has no {part}"},
    )
    parser.add_argument("id", metavar="ID", help=f"the task's id, {OR_WHOLE}")
    parser.add_argument(
        "-o", "--output", dest="file", metavar="FILE", help="write to this file (default: standard output)"
    )
    parser.add_argument("-f", "--force", action="store_true", help="overwrite the file if it exists")
    parser.add_argument(
        "--mode",
        type=read_mode,
        metavar="MODE",
        help="the file's mode in octal (default 600, or the mode of your file that is overwritten)",
    )
    parser.add_argument("--mask", action="store_true", help="hide passwords and tokens, as on the screen")
    return parser


def run_text_command(part: TextPart, options: TextOptions) -> int:
    """Write the input or the result of a task; returns the exit code."""
    path = options.path
    if path is not None and not options.force and os.path.lexists(path):
        raise UsageError(f"{path} already exists. Use -f to overwrite it.")
    if options.id == FROM_STDIN:
        check_id(options.id)
    return run_on_ids(
        (options.id,),
        options.settings,
        lambda session, _: download_text(session, part, options),
        lambda places: _download_from_place(places, part, options),
    )


async def _download_from_place(places: SessionSet, part: TextPart, options: TextOptions) -> int:
    codes = await places.run_each(
        lambda session: download_text(session, part, replace(options, id=places.ids[session][0]))
    )
    return combine_codes([*codes.values(), *places.codes])


async def download_text(session: Session, part: TextPart, options: TextOptions) -> int:
    """Write one text of a task to the output or into a file; returns the exit code."""
    check_id(options.id)
    if not (await session.connect()).capabilities.has_texts:
        raise Unsupported(
            f"This kind of server stores no {part} for its tasks.", hint="Use `graphtop get` to see a task."
        )
    pieces, path = session.backend.stream(options.id, part), options.path
    try:
        size = await (_print_text(pieces, options) if path is None else _save_text(pieces, path, options))
    except (NoSuchTask, Unreadable) as error:
        raise CommandError(session.describe_task_error(options.id, error), exit_code_of(error)) from None
    if not size:
        report_error(f"{session.where}: {await _describe_missing_text(session, part, options.id)}")
        return NOT_FOUND
    if path is not None:
        report_error(f"Wrote {text.format_size(size)} to {path}.")
    return OK


async def _describe_missing_text(session: Session, part: TextPart, task_id: TaskId) -> str:
    """Return a sentence that a task has no such text, with a `yet` only where one may still come."""
    tasks: Sequence[Task] = ()
    # Why there is no text matters less than that there is none.
    with suppress(BackendError):
        tasks = (await session.refresh_tasks([task_id])).tasks
    if part == "input" or any(task.status.is_finished for task in tasks):
        return f"No {part} is stored for task {task_id}."
    return f"No {part} is stored for task {task_id} yet."


async def _print_text(pieces: AsyncGenerator[bytes, None], options: TextOptions) -> int:
    out = StandardOutput()
    if out.terminal:
        size = await _copy_pieces(pieces, TerminalFilter(), out.write_bytes)
        out.write("\n")
        return size
    return await _copy_pieces(pieces, _choose_filter(options), out.write_bytes, show=True)


def _choose_filter(options: TextOptions) -> PieceFilter:
    if not options.mask:
        return lambda piece: piece or b""
    hidden = MaskingStream()
    return lambda piece: hidden.mask_rest() if piece is None else hidden.mask_piece(piece)


async def _copy_pieces(
    pieces: AsyncGenerator[bytes, None], filtered: PieceFilter, write: WriteBytes, *, show: bool = False
) -> int:
    """Write all pieces as they come; returns how many bytes came. Raises what `pieces` or `write` raise."""
    size = 0
    try:
        async with aclosing(pieces) as coming:
            async for piece in coming:
                size += len(piece)
                write(filtered(piece))
                if show:
                    show_progress(text.format_size(size))
        write(filtered(None))
    except SecretTooLong:
        raise CommandError("A secret in the text is too long to be hidden piece by piece.", FAILED) from None
    finally:
        clear_progress()
    return size


async def _save_text(pieces: AsyncGenerator[bytes, None], path: Path, options: TextOptions) -> int:
    try:
        with open_output(path, over=options.force, mode=options.mode) as file:
            return await _copy_pieces(pieces, _choose_filter(options), file.write, show=True)
    except OSError as error:
        raise CommandError(f"Can't write {path}: {error.strerror}.", FAILED) from None


class TerminalFilter:
    """Makes a text that comes in pieces safe for a terminal: keeps lines and tabs, and hides secrets."""

    def __init__(self) -> None:
        self._hidden = MaskingStream()
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def __call__(self, piece: bytes | None) -> bytes:
        """Return what can be shown of the text after this piece; None is its end."""
        last = piece is None
        data = self._hidden.mask_rest() if piece is None else self._hidden.mask_piece(piece)
        words = self._rest + self._decoder.decode(data, final=last)
        # Half of an end of line waits for its other half.
        keep = 0 if last or not words.endswith("\r") else 1
        self._rest = words[len(words) - keep :]
        lines = words[: len(words) - keep].replace("\r\n", "\n").split("\n")
        return "\n".join("\t".join(map(text.sanitize, line.split("\t"))) for line in lines).encode()
