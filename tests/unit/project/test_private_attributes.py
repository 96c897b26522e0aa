"""Only `tui/textual_ext` touches what libraries keep private; the few other uses stand here, with reasons."""

from __future__ import annotations

import pytest

from tests.support.private_names import find_private_uses, product_modules, source_of

PRIVATE_SIDE = "tui.textual_ext"

PARSER_WALK = "argparse has no public way to go through a parser's flags; argcomplete uses the same"
ALLOWED: dict[str, tuple[str, str]] = {
    "_actions": ("tui.cli", PARSER_WALK),
    "_option_string_actions": ("tui.cli", PARSER_WALK),
    "_action_groups": ("tui.cli.argument_parser", PARSER_WALK),
    "_group_actions": ("tui.cli.argument_parser", PARSER_WALK),
    "_choices_actions": ("tui.cli.completion", PARSER_WALK),
    "_AppendAction": ("tui.cli.completion", PARSER_WALK),
    "_SubParsersAction": ("tui.cli", "the only name for the type of what `add_subparsers` returns"),
    "_ArgumentGroup": ("tui", "the only name for the type of what `add_argument_group` returns"),
    "_fill_text": ("tui.cli.argument_parser", "argparse's own formatters differ by overriding it"),
    "_format_action_invocation": (
        "tui.cli.argument_parser",
        "argparse's own formatters differ by overriding it",
    ),
    "_check_value": ("tui.cli.argument_parser", "only here can a wrong choice be told in plain words"),
    "_get_value": ("tui.cli.argument_parser", "a value is read as argparse itself reads it"),
    "_get_values": ("tui.cli.argument_parser", "only here can `--` be kept as a value before Python 3.13"),
    "_split_lines": ("tui.cli.argument_parser", "argparse's own formatters differ by overriding it"),
    "_exit": ("tui.cli.completion", "`os._exit` is public in spite of its name"),
    "_Decompress": ("backend_adapters.transport", "the only name for what `zlib.decompressobj` returns"),
}
"""Private name -> the package that may use it, and why."""


def is_allowed(module: str, name: str) -> bool:
    package, _ = ALLOWED.get(name, ("", ""))
    return bool(package) and f"{module}.".startswith(f"{package}.")


@pytest.mark.parametrize("module", [name for name in product_modules() if not name.startswith(PRIVATE_SIDE)])
def test_what_libraries_keep_private_is_used_in_one_place(module: str) -> None:
    uses = find_private_uses(module, source_of(module))
    found = [str(use) for use in uses if not is_allowed(module, use.name)]
    assert not found, "\n".join(found)


def test_no_exception_stands_here_for_nothing() -> None:
    uses = {use.name for name in product_modules() for use in find_private_uses(name, source_of(name))}
    assert set(ALLOWED) <= uses


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import textual._compositor", ["_compositor"]),
        ("from textual._parser import ParseError", ["_parser"]),
        ("from httpx import _client", ["_client"]),
        ("def work(app):\n    return app._driver.write", ["_driver"]),
        ("def work(app):\n    setattr(app, '_driver', None)", ["_driver"]),
        ("class Own:\n    def _mine(self): return self.__class__\n\ndef work(own: Own): own._mine()", []),
        ("def work(own): return own.__dict__, own._", []),
    ],
)
def test_a_private_name_is_found_however_it_is_written(source: str, found: list[str]) -> None:
    assert [use.name for use in find_private_uses("tests", source)] == found


def test_what_a_class_overrides_or_uses_of_a_librarys_class_is_found() -> None:
    name = f"{PRIVATE_SIDE}.base_app"
    found = {use.name for use in find_private_uses(name, source_of(name))}
    assert {"_fatal_error", "_exit_renderables", "_filters", "_driver"} <= found


def test_the_garbage_collector_is_tuned_in_one_module() -> None:
    importing = {name for name in product_modules() if "\nimport gc\n" in source_of(name)}
    assert importing == {"tui.gc_tuning"}
