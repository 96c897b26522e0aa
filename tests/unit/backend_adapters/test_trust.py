"""Files that others could have written or planted are not trusted; what shells and containers make is."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from backend_adapters.trust import find_distrust
from tests.support.other_user import OTHER, as_other, give_away, need_root, shared_folder

NOBODYS = "belongs to nobody, but graphtop runs as root."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file in a folder, both as they are made."""
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "file"
    file.write_text("x")
    return file


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can reach, and write into as into /tmp."""
    with shared_folder(0o1777) as folder:
        yield folder


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o644, 0o755], ids=oct)
def test_a_file_that_only_its_owner_writes_is_trusted(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert find_distrust(file) == ""


@pytest.mark.parametrize("mode", [0o660, 0o602, 0o666], ids=oct)
def test_a_file_that_others_write_is_not(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert find_distrust(file) == f"Other users can write to {file}. To fix this, run `chmod go-w {file}`."


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702], ids=oct)
def test_a_file_in_a_folder_that_others_write_into_is_not(file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    assert (
        find_distrust(file)
        == f"Other users can write to {file.parent}. To fix this, run `chmod go-w {file.parent}`."
    )


@pytest.mark.parametrize("mode", [0o1777, 0o3777, 0o755, 0o700], ids=oct)
def test_an_own_file_in_a_sticky_folder_is_trusted(file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    assert find_distrust(file) == ""


def test_one_command_mends_the_file_and_its_folder(file: Path) -> None:
    file.chmod(0o664)
    file.parent.chmod(0o775)
    both = f"{file.parent} and {file}"
    assert (
        find_distrust(file)
        == f"Other users can write to {both}. To fix this, run `chmod go-w {file.parent} {file}`."
    )
    subprocess.run(re.findall("`(.*)`", find_distrust(file))[0], shell=True, check=True)
    assert find_distrust(file) == ""


@pytest.mark.parametrize("there", ["none", "pipe", "device", "folder"])
def test_whatever_stands_in_a_folder_that_others_write_into_is_not(file: Path, there: str) -> None:
    file.unlink()
    match there:
        case "pipe":
            os.mkfifo(file, 0o600)
        case "device":
            file.symlink_to("/dev/null")
        case "folder":
            file.mkdir()
    file.parent.chmod(0o777)
    assert (
        find_distrust(file)
        == f"Other users can write to {file.parent}. To fix this, run `chmod go-w {file.parent}`."
    )


def test_a_file_that_was_read_and_is_gone_with_its_folder_is_not(tmp_path: Path) -> None:
    gone = tmp_path / "none" / "file"
    assert find_distrust(gone, was_read=True) == f"{gone} is no longer accessible: No such file or directory."


def test_of_a_file_that_there_is_not_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert find_distrust(tmp_path / "none") == find_distrust(tmp_path / "none" / "none") == ""
    (tmp_path / "loop").symlink_to("loop")
    assert find_distrust(tmp_path / "loop") == ""


@pytest.mark.parametrize("target", ["folder/file", "../{name}/folder/file", "{path}/folder/file", "two"])
def test_an_own_link_is_followed(file: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "two").symlink_to("folder/file")
    (tmp_path / "link").symlink_to(target.format(name=tmp_path.name, path=tmp_path))
    assert find_distrust(tmp_path / "link") == ""
    file.chmod(0o666)
    assert find_distrust(tmp_path / "link").startswith("Other users can write to ")


def test_a_link_in_a_folder_that_others_write_into_is_not_trusted(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "link").symlink_to(file)
    (folder / "folder").symlink_to(file.parent)
    folder.chmod(0o777)
    said = f"Other users can write to {folder}. To fix this, run `chmod go-w {folder}`."
    assert find_distrust(folder / "link") == find_distrust(folder / "folder" / file.name) == said
    folder.chmod(0o1777)
    assert find_distrust(folder / "link") == find_distrust(folder / "folder" / file.name) == ""


def test_the_secrets_of_a_container_are_trusted(tmp_path: Path) -> None:
    mount = tmp_path / "secrets"
    (mount / "..2026_11_27").mkdir(parents=True)
    (mount / "..2026_11_27" / "token").write_text("x")
    (mount / "..2026_11_27" / "token").chmod(0o644)
    (mount / "..data").symlink_to("..2026_11_27")
    (mount / "token").symlink_to("..data/token")
    mount.chmod(0o1777)
    assert find_distrust(mount / "token") == ""


def test_what_a_shell_opens_is_trusted() -> None:
    reading, writing = os.pipe()
    with TemporaryFile() as deleted:
        assert find_distrust(Path(f"/dev/fd/{reading}")) == ""
        assert find_distrust(Path(f"/dev/fd/{deleted.fileno()}")) == ""
        os.fchmod(deleted.fileno(), 0o666)
        assert find_distrust(Path(f"/dev/fd/{deleted.fileno()}")).startswith(
            "Other users can write to /dev/fd/"
        )
    os.close(reading)
    os.close(writing)


def test_an_own_pipe_in_a_sticky_folder_is_trusted_and_one_for_everybody_is_not(public: Path) -> None:
    os.mkfifo(public / "pipe", 0o600)
    assert find_distrust(public / "pipe") == ""
    (public / "pipe").chmod(0o622)
    assert find_distrust(public / "pipe").startswith("Other users can write to ")
    assert find_distrust(Path("/dev/null")) == ""


# --- with a second user ------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["file", "folder", "link", "linked folder"])
def test_what_belongs_to_another_user_is_not_trusted(file: Path, tmp_path: Path, whose: str) -> None:
    need_root()
    (tmp_path / "link").symlink_to(file)
    (tmp_path / "linked").symlink_to(file.parent)
    theirs, path = {
        "file": (file, file),
        "folder": (file.parent, file),
        "link": (tmp_path / "link", tmp_path / "link"),
        "linked folder": (tmp_path / "linked", tmp_path / "linked" / file.name),
    }[whose]
    give_away(theirs)
    assert find_distrust(path) == f"{theirs} {NOBODYS}"


@pytest.mark.parametrize("plant", ["ln -s {file} planted", "cp {file} planted", "mkfifo planted"])
def test_what_another_user_put_into_a_sticky_folder_is_not_trusted(public: Path, plant: str) -> None:
    need_root()
    (public / "mine").write_text("x")
    as_other(plant.format(file="mine"), public)
    assert find_distrust(public / "planted") == f"{public / 'planted'} {NOBODYS}"


def test_root_trusts_only_itself_in_a_home_of_another(file: Path, tmp_path: Path, monkeypatch) -> None:
    need_root()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SUDO_USER", "ann")
    give_away(file)
    assert find_distrust(file) == (
        f"{file} belongs to nobody, but graphtop runs as root with the HOME of another user: use sudo -H."
    )


def test_another_user_trusts_root_and_nobody_else(public: Path) -> None:
    need_root()
    files = {user: public / str(user) for user in (0, OTHER, 1234)}
    for user, file in files.items():
        file.write_text("x")
        os.chown(file, user, user)
    os.seteuid(OTHER)
    try:
        said = {user: find_distrust(file) for user, file in files.items()}
    finally:
        os.seteuid(0)
    assert said == {
        0: "",
        OTHER: "",
        1234: f"{files[1234]} belongs to user 1234, but graphtop runs as nobody.",
    }
