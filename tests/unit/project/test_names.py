"""A public name stands in one module only, so that a reader who meets it knows which is meant."""

from __future__ import annotations

import ast
import builtins
import re
from collections import defaultdict
from pathlib import Path

from tests.terminal.terminal_emulator import ROOT

SHARED = frozenset({"main", "run", "build_parser", "Options"})
"""What every command has by the same name, and programs that are run."""

ONE_WORD_MOST = 0.35
"""The share of functions whose names are one word: such a name seldom says what is done to what."""


def modules() -> list[Path]:
    """The modules of both packages."""
    return sorted(path for package in ("tui", "backend_adapters") for path in (ROOT / package).rglob("*.py"))


def names_defined(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    parts = [
        part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]
    return [part.id for part in parts if isinstance(part, ast.Name)]


def test_no_public_name_stands_in_two_modules() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for path in modules():
        for node in ast.parse(path.read_text()).body:
            for name in names_defined(node):
                if not name.startswith("_") and name not in SHARED:
                    found[name].add(str(path.relative_to(ROOT)))
    twice = {name: sorted(paths) for name, paths in found.items() if len(paths) > 1}
    assert not twice


def test_most_functions_say_in_two_words_or_more_what_they_do() -> None:
    names = [
        node.name.strip("_")
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("__")
    ]
    short = [name for name in names if "_" not in name]
    assert len(short) <= ONE_WORD_MOST * len(names)


def test_docstrings_say_of_errors_that_there_are_that_they_are_raised() -> None:
    trees = {path: ast.parse(path.read_text()) for path in modules()}
    nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
    known = {node.name for _, node in nodes if isinstance(node, ast.ClassDef)} | vars(builtins).keys()
    known |= {alias.name for _, node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    known |= {node.attr for _, node in nodes if isinstance(node, ast.Attribute)}
    texts = [
        (path, " ".join(node.value.split()))
        for path, node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    raised = {
        (str(path.relative_to(ROOT)), name)
        for path, text in texts
        for sentence in re.findall(r"Raises ([^.:;]*)", text)
        for name in re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", sentence)
    }
    assert raised
    assert not [(path, name) for path, name in sorted(raised) if name not in known]
