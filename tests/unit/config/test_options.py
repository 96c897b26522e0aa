"""How notices are sent, as settings say: a command that others could have written is not run."""

from __future__ import annotations

from msgspec.structs import replace

from tui.config.options import NoticeOptions, make_notice_options, make_screen_options
from tui.config.profiles import find_config, parse_config
from tui.config.resolved import resolve_settings

WRITTEN = "[screen]\nnotify = 'command'\nnotify_command = 'notify-send x'\ntitle = false\n"
CONFIG = parse_config(WRITTEN, find_config({"GRAPHTOP_CONFIG": "/etc/c.toml"}))


def test_the_file_says_how() -> None:
    options = make_screen_options(resolve_settings(CONFIG))
    assert options.notices == NoticeOptions(method="command", command="notify-send x")
    assert options.title is False
    assert make_screen_options(resolve_settings(replace(CONFIG, screen={}))).notices == NoticeOptions()


def test_a_command_of_a_file_that_others_can_write_is_not_run() -> None:
    config = replace(CONFIG, untrusted="Others can write it.")
    options = make_notice_options(resolve_settings(config))
    assert options.command == ""
    assert options.refused == "/etc/c.toml:3: notify_command is not used. Others can write it."
    environ = {"GRAPHTOP_NOTIFY_COMMAND": "mine"}
    assert make_notice_options(resolve_settings(config, environ=environ)).command == "mine"
