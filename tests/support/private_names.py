"""Finds where a module touches the private side of a library: names that begin with an underscore."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache, reduce
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("tui", "backend_adapters")
READERS = ("getattr", "setattr", "hasattr", "delattr")


class PrivateUse(NamedTuple):
    """Where a module uses a private name that is not its own."""

    module: str
    line: int
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.what}"


def product_modules() -> list[str]:
    """All modules of the product, by their dotted names."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names]


def source_of(module: str) -> str:
    """The source of a product module."""
    path = ROOT.joinpath(*module.split("."))
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")


def find_private_uses(module: str, source: str) -> list[PrivateUse]:
    """Each use of a private name that the module doesn't define; what it inherits counts as another's."""
    tree = ast.parse(source)
    finders = (_in_imports, _in_attributes, _in_strings, _in_classes)
    return sorted(use for find in finders for use in find(module, tree))


def is_private(name: str) -> bool:
    """Whether a name begins with an underscore and is no `__special__` one."""
    return name.startswith("_") and not name.endswith("__") and name.strip("_") != ""


def _in_imports(module: str, tree: ast.Module) -> Iterator[PrivateUse]:
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            for part in filter(is_private, name.split(".")):
                yield PrivateUse(module, node.lineno, part, f"imports {name}")


def _in_attributes(module: str, tree: ast.Module) -> Iterator[PrivateUse]:
    """Attributes of anything but `self` and `cls`, unless a class of this module defines the name."""
    own = {name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for name in _defined_in(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or _is_self(node.value) or _is_super(node.value):
            continue
        if is_private(node.attr) and node.attr not in own:
            yield PrivateUse(module, node.lineno, node.attr, f"uses {ast.unparse(node)}")


def _in_strings(module: str, tree: ast.Module) -> Iterator[PrivateUse]:
    """Attributes that are named in a string, as `getattr(app, "_driver")` does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS:
            name = node.args[1]
            if isinstance(name, ast.Constant) and is_private(str(name.value)):
                yield PrivateUse(module, node.lineno, str(name.value), f"uses {ast.unparse(node)}")


def _in_classes(module: str, tree: ast.Module) -> Iterator[PrivateUse]:
    """Private names that a class shares with a library's class above it, on purpose or by chance."""
    for path, node in _classes(tree, ()):
        if not node.bases:
            continue
        real = reduce(getattr, path, importlib.import_module(module))
        inherited = {
            name: base.__name__
            for base in reversed(real.__mro__[1:])
            if base.__module__.split(".")[0] not in PACKAGES
            for name in names_of_library_class(base)
        }
        for name in sorted((_defined_in(node) | _used_in(node)) & inherited.keys()):
            what = f"{node.name}.{name} is a private name of {inherited[name]}"
            yield PrivateUse(module, node.lineno, name, what)


def _classes(
    tree: ast.Module | ast.ClassDef, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], ast.ClassDef]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield (*path, node.name), node
            yield from _classes(node, (*path, node.name))


@cache
def names_of_library_class(base: type) -> frozenset[str]:
    """The private names that a class has or gives its instances, without those of its bases."""
    names = {name for name in vars(base) if is_private(name)}
    try:
        source = ast.parse(textwrap.dedent(inspect.getsource(base)))
    except (OSError, TypeError):
        return frozenset(names)
    classes = (node for node in source.body if isinstance(node, ast.ClassDef))
    return frozenset(names.union(*map(_defined_in, classes)))


def _defined_in(node: ast.ClassDef) -> set[str]:
    """The private names that a class defines: methods, fields, and what it sets on itself."""
    names = set()
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names.add(inner.name)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
        elif isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store) and _is_self(inner.value):
            names.add(inner.attr)
    return set(filter(is_private, names))


def _used_in(node: ast.ClassDef) -> set[str]:
    """The private names that a class uses of itself or of what it inherits."""
    attributes = (inner for inner in ast.walk(node) if isinstance(inner, ast.Attribute))
    return {
        inner.attr
        for inner in attributes
        if is_private(inner.attr) and (_is_self(inner.value) or _is_super(inner.value))
    }


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
