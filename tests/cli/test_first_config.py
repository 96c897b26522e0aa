"""`graphtop config init`: a first config file, never over another one, and without any secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done
from tui.config.example import EXAMPLE_CONFIG, make_first_config
from tui.config.profiles import parse_config

Call = Callable[..., Done]


def usual_path(home: Path) -> Path:
    return home / ".config" / "graphtop" / "config.toml"


def test_a_file_is_written_with_its_folders_for_its_owner_only(call: Call, home: Path) -> None:
    done = call("config", "init")
    path = usual_path(home)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path}\n", "")
    assert path.read_text() == make_first_config()
    modes = [one.stat().st_mode & 0o777 for one in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]
    check = call("config", "check")
    assert (check.returncode, check.stderr) == (0, "")
    assert "profiles  none" in check.stdout


def test_the_new_file_is_the_example_commented_out() -> None:
    text = make_first_config()
    assert parse_config(text, Path("x")).profiles == {}
    head, _, example = text.partition("\n\n")
    lines = example.splitlines()[2:]
    assert all(line.startswith("#") for line in lines)
    again = "\n".join([head, "", *(re.sub("^# ?", "", line) for line in lines), ""])
    assert again == EXAMPLE_CONFIG


def test_a_server_among_the_flags_becomes_the_default_profile(call: Call, home: Path) -> None:
    flags = ("--url", "http://graph.example:8080/graphs/social", "--user", "joe", "--netrc")
    assert call("config", "init", *flags).returncode == 0
    config = parse_config(usual_path(home).read_text(), usual_path(home))
    assert (config.default, config.problems) == ("graph", ())
    entries = {name: entry.value for name, entry in config.profiles["graph"].entries.items()}
    assert entries == {
        "url": "http://graph.example:8080",
        "graph": "social",
        "user": "joe",
        "netrc": True,
    }


def test_the_profile_can_have_another_name(call: Call, home: Path) -> None:
    assert call("config", "init", "--url", "http://h", "--name", "my prod").returncode == 0
    assert parse_config(usual_path(home).read_text(), usual_path(home)).default == "my prod"


def test_no_command_is_written_as_it_may_hold_a_secret(call: Call, home: Path) -> None:
    done = call("config", "init", "--url", "http://h", "--user", "joe", "--password-command", "echo s3same")
    assert done.returncode == 0
    assert "s3same" not in usual_path(home).read_text() + done.stdout + done.stderr
    assert done.stderr == (
        "graphtop: --password-command was not written, as it may hold a secret."
        " Add it to the file yourself.\n"
    )


def test_a_file_that_is_named_is_written_with_its_whole_path(call: Call, home: Path) -> None:
    (home / "ca.pem").touch()
    assert call("config", "init", "--url", "https://h", "--ca-file", "~/ca.pem").returncode == 0
    assert f'ca_file = "{home}/ca.pem"' in usual_path(home).read_text()


@pytest.mark.parametrize("kind", ["file", "link", "lost link", "folder"])
def test_what_has_the_name_is_never_changed(call: Call, home: Path, kind: str) -> None:
    path = usual_path(home)
    path.parent.mkdir(parents=True)
    other = home / "other.toml"
    if kind == "file":
        path.write_text("# mine\n")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(other)
        if kind == "link":
            other.write_text("# mine\n")
    done = call("config", "init")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "graphtop: ~/.config/graphtop/config.toml exists and was not changed."
        " Edit it; `graphtop config check` shows what it sets.\n"
    )
    assert other.exists() is (kind == "link")
    assert kind not in ("file", "link") or path.read_text() == "# mine\n"


def test_a_profile_that_can_not_be_saved_is_printed_to_be_pasted(call: Call, home: Path) -> None:
    path = usual_path(home)
    path.parent.mkdir(parents=True)
    path.write_text("# mine\n")
    done = call("config", "init", "--url", "http://h:8080", "--graph", "g")
    assert (done.returncode, done.stdout) == (1, '[profiles.h]\nurl = "http://h:8080"\ngraph = "g"\n')
    assert "paste the lines above into it." in done.stderr
    assert path.read_text() == "# mine\n"


def test_the_path_of_the_variable_is_used(call: Call, home: Path) -> None:
    path = home / "deep" / "er" / "my.toml"
    done = call("config", "init", env={"GRAPHTOP_CONFIG": str(path)})
    assert (done.returncode, done.stdout) == (0, f"{path}\n")
    assert path.exists()
    assert not usual_path(home).exists()


def test_a_folder_that_can_not_be_made_is_told(call: Call, home: Path) -> None:
    (home / ".config").write_text("a file")
    done = call("config", "init")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("graphtop: Can't write ~/.config/graphtop/config.toml: ")
    assert done.stderr.endswith(" Correct that, or name another path with the variable GRAPHTOP_CONFIG.\n")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--graph", "g"), "No server given. Use --url with an address"),
        (("--name", "x"), "--name needs a server to save. Add --url with its address."),
        (("--url", "http://h", "--name", "-x"), "--name needs a value."),
        (("--url", "http://h", "--name=-x"), "A profile's name must be printable"),
        (("--url", "http://joe:s3same@h"), "--url must not contain a user or password"),
        (("--url", "http://h", "--ca-file", "lost.pem"), "ca_file names a file that can't be read"),
        (("--url", "http://h", "--ca-file", "~nobody-here/x"), "ca_file names a file that can't be read"),
    ],
)  # fmt: skip
def test_a_profile_that_is_wrong_writes_nothing(call: Call, home: Path, flags, said: str) -> None:
    done = call("config", "init", *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "s3same" not in done.stderr
    assert not (home / ".config").exists()
