"""The file of the last known rows: list fields only, no secret, private, and ignored where it is odd."""

from __future__ import annotations

import json
import os
import stat
import threading
from base64 import urlsafe_b64encode
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from backend_adapters.model import Task, TaskExtras, change_task
from backend_adapters.own_secrets import OWN_SECRETS
from backend_adapters.transport.credentials import AccessKeys, Credentials
from backend_adapters.transport.target import Target
from tests.support.kept_rows import keep_tasks
from tests.support.other_user import give_away, need_root
from tests.support.secret_forms import FORMS
from tests.unit.fakes import START, S, task
from tui.monitor import rows_file
from tui.monitor.rows_file import (
    BYTES_MOST,
    PLACES_MOST,
    ROWS_MOST,
    KeptRow,
    RowsFile,
    make_kept_row,
    make_known_task,
    name_place_file,
    read_token_user,
)

SECRET = "hunter2Sesame"
TARGET = Target(url="http://db:8080", profile="prod", graph="g")
ROWS = keep_tasks(task(2), task(1, S.SUCCESS, updated=START + 1), as_of=START)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "rows"


@pytest.fixture
def file(folder: Path) -> RowsFile:
    return RowsFile(folder, TARGET)


def list_names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def path_of(file: RowsFile, folder: Path) -> Path:
    assert file.name is not None
    return folder / file.name


def test_what_was_written_is_read(file: RowsFile, folder: Path):
    assert file.read() is None
    file.write(ROWS)
    assert file.read() == ROWS
    assert stat.S_IMODE(path_of(file, folder).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list_names(folder) == [file.name]
    file.remove()
    assert file.read() is None


def test_fields_of_a_list_are_kept_and_no_texts():
    words = {"reason": "R", "description": "D", "decode_error": "E", "dependencies": ("7",)}
    full = task(1, S.FAILED, updated=START, progress=3, progress_total=9, server="s", graph="g", **words)
    kept = make_known_task(make_kept_row(full))
    assert kept == change_task(full, reason=None, description=None, decode_error=None, dependencies=())
    left_out = {"description", "dependencies", "stoppable", "decode_error", "stops_server", "reason", "place"}
    fields = {*Task.__struct_fields__, *TaskExtras.__struct_fields__} - {"extras"}
    assert fields - set(KeptRow.__struct_fields__) == left_out


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("field", ["name", "type", "server", "graph", "raw_status"])
def test_no_secret_is_written(file: RowsFile, folder: Path, form: str, field: str):
    file.write(keep_tasks(replace(task(1), **{field: form.replace("{}", SECRET)}), as_of=START))
    assert SECRET not in path_of(file, folder).read_text()


def test_a_secret_of_graphtops_own_is_not_written(file: RowsFile, folder: Path):
    OWN_SECRETS.add_secret("plain-words-7")
    file.write(keep_tasks(task(1, name="export plain-words-7"), as_of=START))
    assert "plain-words-7" not in path_of(file, folder).read_text()


def test_text_that_utf_8_can_not_encode_and_very_long_names_are_written(file: RowsFile):
    file.write(keep_tasks(task(1, name="\ud800" + "x" * 10_000), as_of=START))
    kept = file.read()
    assert kept is not None
    assert kept.rows[0].name == "?" + "x" * 199


def test_a_full_file_is_read_whole(file: RowsFile):
    tasks = [task(number, name="界" * 1000, server="界" * 1000) for number in range(ROWS_MOST)]
    file.write(keep_tasks(*tasks, as_of=START))
    kept = file.read()
    assert kept is not None
    assert len(kept.rows) == ROWS_MOST


def change_rows(**changes: object) -> bytes:
    return json.dumps({**json.loads(msgspec.json.encode(ROWS)), **changes}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[" * 100_000,
        change_rows(version=2),
        change_rows(rows=[]),
        change_rows(rows=[{"id": 1}]),
        change_rows(rows=None),
        change_rows(as_of="noon"),
        change_rows(x="[" * 10, rows=json.loads(msgspec.json.encode(ROWS.rows)) * (ROWS_MOST + 1)),
        msgspec.json.encode(ROWS) + b" " * BYTES_MOST,
        msgspec.json.encode(ROWS)[:-2],
    ],
)
def test_a_file_that_can_not_be_used_is_passed_over(file: RowsFile, folder: Path, data: bytes):
    file.write(ROWS)
    path_of(file, folder).write_bytes(data)
    assert file.read() is None
    file.write(ROWS)
    assert file.read() == ROWS


def test_a_link_is_not_followed_and_gives_way(file: RowsFile, folder: Path, tmp_path: Path):
    file.write(ROWS)
    precious = tmp_path / "precious"
    precious.write_bytes(msgspec.json.encode(ROWS))
    path_of(file, folder).unlink()
    path_of(file, folder).symlink_to(precious)
    assert file.read() is None
    file.write(replace(ROWS, as_of=START + 1))
    assert precious.read_bytes() == msgspec.json.encode(ROWS)
    assert not path_of(file, folder).is_symlink()


def test_a_folder_that_others_can_write_to_is_not_used(file: RowsFile, folder: Path):
    file.write(ROWS)
    folder.chmod(0o777)
    assert file.read() is None


def test_a_file_that_others_could_read_is_theirs_no_longer(file: RowsFile, folder: Path):
    file.write(ROWS)
    path_of(file, folder).chmod(0o644)
    assert file.read() == ROWS
    assert stat.S_IMODE(path_of(file, folder).stat().st_mode) == 0o600


def test_a_file_of_another_user_is_passed_over(file: RowsFile, folder: Path):
    need_root()
    file.write(ROWS)
    give_away(path_of(file, folder))
    assert file.read() is None


def test_a_pipe_or_a_folder_in_its_place_is_passed_over(file: RowsFile, folder: Path):
    file.write(ROWS)
    path = path_of(file, folder)
    path.unlink()
    os.mkfifo(path)
    assert file.read() is None
    path.unlink()
    path.mkdir()
    assert file.read() is None
    file.write(ROWS)
    assert file.read() is None
    assert list_names(folder) == [file.name], "nothing half written is left"


def test_a_folder_that_can_not_be_made_is_no_trouble(tmp_path: Path):
    (tmp_path / "state").write_text("a file")
    file = RowsFile(tmp_path / "state" / "rows", TARGET)
    file.write(ROWS)
    file.remove()
    assert file.read() is None


def test_the_places_written_last_are_kept(folder: Path):
    files = [RowsFile(folder, replace(TARGET, graph=f"g{number}")) for number in range(PLACES_MOST + 3)]
    for number, one in enumerate(files):
        one.write(ROWS)
        os.utime(path_of(one, folder), ns=(number, number))
    files[0].write(ROWS)
    assert len(list_names(folder)) == PLACES_MOST
    assert files[-1].read() == ROWS
    assert files[0].read() == ROWS, "it was written again"
    assert files[1].read() is None


def test_what_a_killed_process_left_half_written_goes_like_the_oldest(file: RowsFile, folder: Path):
    file.write(ROWS)
    for number in range(PLACES_MOST + 5):
        half = folder / f"{file.name}.{number}-0"
        half.write_bytes(b"{")
        os.utime(half, ns=(number, number))
    file.write(ROWS)
    assert len(list_names(folder)) == PLACES_MOST
    assert file.read() == ROWS


def test_two_that_write_at_the_same_time_leave_a_whole_file(folder: Path):
    short, long = ROWS, keep_tasks(*(task(number, name="x" * 400) for number in range(90)), as_of=1)

    def write(rows):
        for _ in range(50):
            RowsFile(folder, TARGET).write(rows)

    writers = [threading.Thread(target=write, args=(rows,)) for rows in (short, long)]
    for writer in writers:
        writer.start()
    seen = [RowsFile(folder, TARGET).read() for _ in range(200)]
    for writer in writers:
        writer.join()
    assert all(rows in (None, short, long) for rows in seen)
    assert None not in seen[seen.index(next(filter(None, seen))) :] if any(seen) else True
    assert len(list_names(folder)) == 1


# Whose rows they are.


def password(user: str) -> Credentials:
    return Credentials(user, lambda: SECRET)


def token(body: object) -> str:
    part = urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")
    return f"eyJh.{part}.sig"


@pytest.mark.parametrize(
    "other",
    [
        {"url": "http://db:8081"},
        {"url": "https://db:8080"},
        {"profile": "stage"},
        {"graph": "h"},
        {"graph": None},
        {"graphspace": "S"},
        {"dialect": "computer"},
        {"project": "p"},
        {"since": "2026-11-23"},
        {"until": "2026-11-23"},
        {"credentials": password("ann")},
        {"credentials": Credentials(token=lambda: token({"user_name": "ann"}))},
        {"credentials": Credentials(keys=lambda: AccessKeys("AK1", SECRET))},
    ],
)
def test_each_place_and_each_user_has_a_file_of_its_own(other):
    assert name_place_file(replace(TARGET, **other)) != name_place_file(TARGET)


def test_a_place_that_utf_8_can_not_encode_has_a_file_too():
    assert name_place_file(replace(TARGET, graph="\udcff")) != name_place_file(
        replace(TARGET, graph="\udcfe")
    )


def name_for(credentials: Credentials, profile: str = "prod") -> str | None:
    return name_place_file(replace(TARGET, credentials=credentials, profile=profile))


def test_the_user_tells_and_no_secret_does():
    assert name_for(password("ann")) == name_for(Credentials("ann", lambda: "another"))
    assert name_for(password("ann")) != name_for(password("bob"))
    first = Credentials(token=lambda: token({"user_name": "ann", "exp": 1}))
    fresh = Credentials(token=lambda: token({"user_name": "ann", "exp": 2}))
    other = Credentials(token=lambda: token({"user_name": "bob", "exp": 1}))
    assert name_for(first) == name_for(fresh) != name_for(other)
    assert name_for(Credentials(keys=lambda: AccessKeys("AK1", "a"))) == name_for(
        Credentials(keys=lambda: AccessKeys("AK1", "b"))
    )


def test_a_token_without_a_name_is_told_by_the_profile_or_not_at_all(folder: Path):
    nameless = Credentials(token=lambda: "0123456789abcdef")
    assert name_for(nameless) is not None
    target = Target(url="http://db:8080", credentials=nameless)
    assert name_place_file(target) is None
    file = RowsFile(folder, target)
    file.write(ROWS)
    file.remove()
    assert file.read() is None
    assert not folder.exists()


def test_nothing_can_be_read_in_the_name_of_a_file():
    name = name_for(password("ann"))
    assert name is not None
    assert len(name) == 32 + len(".json")
    assert "ann" not in name


@pytest.mark.parametrize(
    ("given", "user"),
    [
        (token({"user_name": "ann"}), "ann"),
        (token({"sub": "bob"}), "bob"),
        (token({"user_name": 7}), None),
        (token([]), None),
        ("a.b", None),
        ("a.###.c", None),
        ("a.é.c", None),
        ("plain", None),
    ],
)
def test_the_user_whom_a_token_names(given: str, user: str | None):
    assert read_token_user(given) == user


def test_the_folder_is_in_the_state_folder(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert rows_file.default_rows_folder().relative_to(tmp_path).name == "rows"
