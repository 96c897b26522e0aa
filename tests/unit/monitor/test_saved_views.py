"""Saved views: what is kept in their file, by several processes, and what becomes of a damaged one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui.monitor import saved_views
from tui.monitor.saved_views import (
    VIEWS_MOST,
    NoSuchView,
    SavedView,
    ViewError,
    ViewPlace,
    ViewsFile,
    check_view_name,
)

PROD = ViewPlace(profile="prod", graphspace="DEFAULT", graph="hugegraph", dialect="hugegraph")
NIGHT = SavedView(
    name="night shift",
    places=(PROD, ViewPlace(profile="cloud", dialect="ges", graphs=("*", "test*"))),
    filter="status=failed age<12h",
    sort="took",
    descending=False,
    tab="4",
    grouped_by="cause",
    wide=True,
    saved=1_795_000_000_000,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "views.json"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def file(path: Path, said: list[str]) -> ViewsFile:
    return ViewsFile(path, said.append)


def test_a_view_is_read_as_it_was_saved_and_only_the_user_can_read_its_file(
    file: ViewsFile, path: Path
) -> None:
    assert file.list_views() == ()
    assert not path.parent.exists()
    file.save_view(NIGHT)
    file.save_view(SavedView(name="All of prod", places=(PROD,)))
    assert [view.name for view in file.list_views()] == ["All of prod", "night shift"]
    assert file.find_view("night shift") == NIGHT
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in path.parent.iterdir()) == ["views.json", "views.lock"]


def test_a_view_of_the_same_name_is_replaced(file: ViewsFile) -> None:
    file.save_view(NIGHT)
    file.save_view(SavedView(name=" night shift ", places=(PROD,)))
    assert file.list_views() == (SavedView(name="night shift", places=(PROD,)),)


def test_a_view_is_removed_and_one_that_there_is_not_is_said_with_what_may_have_been_meant(
    file: ViewsFile, path: Path
) -> None:
    with pytest.raises(NoSuchView, match=r'^No view "x"\. No view has been saved yet\.$'):
        file.remove_view("x")
    assert not path.exists()
    file.save_view(NIGHT)
    for look in (file.remove_view, file.find_view):
        with pytest.raises(NoSuchView, match=r'^No view "nigth shift"\. Did you mean night shift\?$'):
            look("nigth shift")
        with pytest.raises(NoSuchView, match=r'^No view "x"\. Use one of night shift\.$'):
            look("x")
    file.remove_view("night shift")
    assert file.list_views() == ()


def test_no_login_and_nothing_behind_the_path_of_an_address_is_kept(file: ViewsFile, path: Path) -> None:
    place = ViewPlace(url="https://ann:s3same@host:8443/hg?token=s3same#s3same", graph="g")
    file.save_view(SavedView(name="typed", places=(place,)))
    assert "s3same" not in path.read_text()
    (kept,) = file.find_view("typed").places
    assert (kept.url, kept.label) == ("https://host:8443/hg", "host:8443:g")


@pytest.mark.parametrize(
    ("place", "label"),
    [
        (PROD, "prod:DEFAULT/hugegraph"),
        (ViewPlace(profile="prod"), "prod"),
        (ViewPlace(profile="prod", graphs=("test*", "finance/*")), "prod:test*, finance/*"),
        (ViewPlace(url="http://h:8080", graph="g"), "h:8080:g"),
    ],
)
def test_what_a_place_is_called(place: ViewPlace, label: str) -> None:
    assert place.label == label


@pytest.mark.parametrize("name", ["", "  ", "-x", "a\nb", "a\x1b[2J", "x" * 61])
def test_names_that_can_not_be_used(name: str, file: ViewsFile, path: Path) -> None:
    with pytest.raises(ViewError, match=r"^A view"):
        check_view_name(name)
    with pytest.raises(ViewError):
        file.save_view(SavedView(name=name, places=(PROD,)))
    assert not path.exists()


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'{"version": 1}', b'{"version": 1, "views": [{"name": 3}]}', b"[" * 9_999, b"\xff"],
)
def test_a_damaged_file_is_put_aside_and_said_once(
    data: bytes, file: ViewsFile, path: Path, said: list[str]
) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(data)
    path.chmod(0o600)
    # Who completes a word says nothing, and moves nothing.
    assert ViewsFile(path).list_views() == ()
    assert path.read_bytes() == data
    assert file.list_views() == ()
    aside = path.with_name("views.damaged.json")
    assert aside.read_bytes() == data
    assert said == [f"The saved views could not be read. Their file is now {aside}."]
    file.save_view(NIGHT)
    assert file.list_views() == (NIGHT,)
    assert len(said) == 1


def test_a_file_of_a_newer_version_is_left_alone(file: ViewsFile, path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_text(text := json.dumps({"version": 2, "views": {}}))
    path.chmod(0o600)
    for use in (file.list_views, lambda: file.save_view(NIGHT), lambda: file.remove_view("x")):
        with pytest.raises(ViewError, match=r"were written by a newer graphtop\.$"):
            use()
    assert path.read_text() == text


def test_a_folder_of_another_kind_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = ViewsFile(tmp_path / "file" / "views.json")
    with pytest.raises(ViewError, match=r"^Can't read the saved views, .*views.json: Not a directory\.$"):
        file.list_views()
    with pytest.raises(ViewError, match=r"^Can't save a view, .*views.json: .*\.$"):
        file.save_view(NIGHT)


def test_there_are_only_so_many(file: ViewsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "VIEWS_MOST", 2)
    assert VIEWS_MOST == 200
    for name in "ab":
        file.save_view(SavedView(name=name, places=(PROD,)))
    with pytest.raises(ViewError, match=r"^There are 2 saved views\. Remove one to save another\.$"):
        file.save_view(NIGHT)
    file.save_view(SavedView(name="a", places=()))


def test_several_processes_that_save_at_the_same_time_lose_nothing(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from tui.monitor.saved_views import SavedView, ViewsFile;"
        "file = ViewsFile(Path(sys.argv[1]));"
        "[file.save_view(SavedView(name=f'{sys.argv[2]}{n}', places=())) for n in range(12)]"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path), name], env={**os.environ}) for name in "abc"
    ]
    assert [one.wait() for one in running] == [0, 0, 0]
    assert len(ViewsFile(path).list_views()) == 36


def test_a_lock_that_is_held_for_too_long_is_said(
    file: ViewsFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "_LOCK_SECONDS", 0.0)
    path.parent.mkdir(mode=0o700)
    with file._lock_folder(), pytest.raises(ViewError, match=r"^Another graphtop is changing the saved"):
        file.save_view(NIGHT)
