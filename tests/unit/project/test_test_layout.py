"""Each unit test is found from what it tests: `tui/monitor/store.py` has `unit/monitor/test_store.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UNIT = ROOT / "tests" / "unit"

FOLDERS = {
    "backend_adapters": "backend_adapters/*",
    "transport": "backend_adapters/transport/**/*",
    "hugegraph": "backend_adapters/hugegraph/**/*",
    "ges": "backend_adapters/ges/**/*",
    "simulator": "backend_adapters/simulator/**/*",
    "tui": "tui/*",
    "monitor": "tui/monitor/**/*",
    "connection": "tui/connection/**/*",
    "config": "tui/config/**/*",
    "cli": "tui/cli/**/*",
    "widgets": "tui/widgets/**/*",
    "screens": "tui/screens/**/*",
    "notices": "tui/notices/*",
    "textual_ext": "tui/textual_ext/**/*",
    "support": "tests/support/*",
}
"""Folder of tests -> the modules and packages that are tested there."""

EXCEPTIONS = {
    "textual_ext/test_textual_contract.py": "what all of textual_ext takes for granted of Textual",
}
"""Test files that belong to no single module, and why. Those in `project` test the repository itself."""


def find_tests() -> list[str]:
    return sorted(path.relative_to(UNIT).as_posix() for path in UNIT.rglob("test_*.py"))


@pytest.mark.parametrize("test", find_tests())
def test_a_test_is_named_like_a_module_of_its_folder(test: str) -> None:
    folder, _, name = test.partition("/")
    if folder == "project" or test in EXCEPTIONS:
        return
    assert folder in FOLDERS, "put it into the folder of what it tests"
    modules = {path.stem for path in ROOT.glob(FOLDERS[folder]) if path.suffix == ".py" or path.is_dir()}
    words = Path(name).stem.removeprefix("test_").split("_")
    starts = {"_".join(words[:count]) for count in range(1, len(words) + 1)}
    assert modules & starts, (
        f"{FOLDERS[folder]} has no module of that name; {name} may add what it tests of one"
    )


def test_each_exception_is_there() -> None:
    assert {*EXCEPTIONS} <= {*find_tests()}
