"""The set-up and the update of the locks: what they install, what they ignore, and what they say."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / ".tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


set_up, update_locks = load("set_up"), load("update_locks")

LOCK = """\
pip-tools==7.5.0 \\
    --hash=sha256:aa
    # via graphtop
pip==26.3 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via graphtop
pytest==8.4.2 \\
    --hash=sha256:dd
"""


def test_pip_is_installed_from_its_own_entry_of_the_lock() -> None:
    assert set_up.locked_entry(LOCK, "pip").split() == [
        "pip==26.3", "\\", "--hash=sha256:bb", "\\", "--hash=sha256:cc",
    ]  # fmt: skip


def test_pip_keeps_the_way_to_the_packages_and_no_other_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nproxy = http://proxy.example:3128\nextra-index-url =\n  https://a.example\n  https://b.example\n"
        "require-virtualenv = true\ntimeout = 7\n"
        "[install]\nuser = true\nconstraint = /nowhere\nno-binary = :all:\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    monkeypatch.setenv("PIP_TARGET", str(tmp_path))
    monkeypatch.setenv("PIP_TIMEOUT", "9")
    env = set_up.pip_environment(Path(sys.executable))
    told = {name: value for name, value in env.items() if name.startswith("PIP_")}
    expected = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_PROXY": "http://proxy.example:3128",
        "PIP_EXTRA_INDEX_URL": "https://a.example https://b.example",
        "PIP_TIMEOUT": "9",
    }
    assert expected.items() <= told.items()
    assert not {"PIP_USER", "PIP_TARGET", "PIP_CONSTRAINT", "PIP_NO_BINARY", "PIP_REQUIRE_VIRTUALENV"} & set(
        told
    )


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(SystemExit, match="was not made by this set-up"):
        set_up.create_environment(tmp_path, ROOT / "requirements.lock")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_another_tools_environment_is_left_alone_unless_it_is_the_usual_folder(tmp_path: Path) -> None:
    for name, ours in (("mine", False), (".venv", True)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "pyvenv.cfg").touch()
        assert set_up.is_ours(folder) is ours
    (tmp_path / "mine" / set_up.NOTE).write_text(LOCK)
    assert set_up.is_ours(tmp_path / "mine")


def test_a_package_that_left_the_lock_is_a_leftover(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(LOCK)
    assert not set_up.has_leftovers(tmp_path, lock)
    (tmp_path / set_up.NOTE).write_text(LOCK)
    assert not set_up.has_leftovers(tmp_path, lock)
    lock.write_text(LOCK.replace("pytest==8.4.2", "ruff==1"))
    assert set_up.has_leftovers(tmp_path, lock)
    lock.write_text(LOCK + "ruff[x]==1\n")
    assert not set_up.has_leftovers(tmp_path, lock)


def test_a_python_without_venv_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        set_up.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name)
    )
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    with pytest.raises(SystemExit, match=f"no venv module.*apt install python{version}-venv") as told:
        set_up.check_venv_module()
    assert "\n" not in str(told.value)


def test_the_update_says_what_came_what_went_and_what_changed(tmp_path: Path) -> None:
    before, after = tmp_path / "before.lock", tmp_path / "after.lock"
    before.write_text(
        "a==1 \\\n    --hash=sha256:aa\nb[x]==2 ; python_version < '3.12' \\\n    --hash=sha256:bb\nc==3\n"
    )
    after.write_text("b[x,y]==2.1 \\\n    --hash=sha256:bb\nc==3\nd==4\n")
    changes = update_locks.describe_changes(update_locks.read_pins(before), update_locks.read_pins(after))
    assert changes == ["a 1 removed", "b 2 -> 2.1", "d 4 (new)"]
    assert update_locks.read_pins(tmp_path / "none.lock") == {}
