"""The locks hold all that their packages ask for, so that nothing is chosen on the day of an installation."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.lock_files import OWN_PYTHON, Lock

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ["requirements.lock", "requirements-dev.lock"]
PYTHONS = ["3.11.0", "3.12.0", "3.13.0"]


def own_requirements(lock: str) -> list[Requirement]:
    """What graphtop itself asks of a lock."""
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["setup"]]
    if lock == "requirements-dev.lock":
        asked += PROJECT["project"]["optional-dependencies"]["dev"]
    return [Requirement(line) for line in asked]


def unmet_requirements(text: str, own: list[Requirement], python: str) -> list[str]:
    """What a lock lacks for one Python: of graphtop's own requirements, and of each locked package's."""
    lock = Lock(text, python)
    found = {f"graphtop needs {asked}": lock.unmet(asked) for asked in own if lock.wants(asked, set())}
    for name, pin in lock.pins.items():
        for line in metadata.requires(name) or ():
            asked = Requirement(line)
            if lock.wants(asked, pin.extras):
                found[f"{pin.name} needs {line}"] = lock.unmet(asked)
    return [f"{need}, which {reason}" for need, reason in found.items() if reason]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_all_that_its_packages_ask_for(name: str, python: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert unmet_requirements(text, own_requirements(name), python) == []


@pytest.mark.parametrize("name", LOCKS)
def test_the_packages_that_are_read_are_the_locked_ones(name: str) -> None:
    lock = Lock((ROOT / name).read_text(encoding="utf-8"), OWN_PYTHON)
    for package, pin in lock.pins.items():
        assert pin.specifier.contains(metadata.version(package), prereleases=True), package


def test_a_package_for_another_system_or_python_is_left_out() -> None:
    lock = """\
here==1 ; python_full_version >= '3.12' \\
    --hash=sha256:aa
elsewhere==1 ; sys_platform == 'elsewhere' \\
    --hash=sha256:bb
older==1 ; python_full_version < '3.12' \\
    --hash=sha256:cc
"""
    assert set(Lock(lock, "3.12.0").pins) == {"here"}


@pytest.mark.parametrize(("entry", "broken", "complaint"), [
    (r"coverage\[toml\]==", "coverage==", "which is locked without the extra toml"),
    (r"pluggy==\S+", r"\g<0> ; python_version < '3'", "which is not in the lock"),
    (r"httpcore==\d+", "httpcore==0", "which is locked as 0"),
])  # fmt: skip
def test_a_lock_with_a_gap_is_noticed(entry: str, broken: str, complaint: str) -> None:
    text = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    changed, count = re.subn(f"^{entry}", broken, text, flags=re.MULTILINE)
    assert count == 1
    found = unmet_requirements(changed, own_requirements("requirements-dev.lock"), "3.12.0")
    assert any(complaint in line for line in found), found


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_of_a_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.sub(r"\\\n", " ", text).splitlines()
    packages = [entry for entry in entries if entry and not entry.lstrip().startswith("#")]
    assert len(packages) > 15
    assert not [entry for entry in packages if not re.search(r" --hash=sha256:[0-9a-f]{64}\b", entry)]


def test_pip_itself_is_in_both_locks() -> None:
    for name in LOCKS:
        assert "pip" in Lock((ROOT / name).read_text(encoding="utf-8"), PYTHONS[0]).pins
    assert "hatchling" in Lock((ROOT / LOCKS[1]).read_text(encoding="utf-8"), PYTHONS[0]).pins
