"""Connects to the server that flags, variables and profile name."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tui.cli.output.standard_error import report_error
from tui.cli.setting_flags import SettingFlags
from tui.config.profiles import Config, load_config
from tui.connection.resolve import (
    ConnectionPlan,
    ResolvedConnection,
    plan_connection,
    require_server,
    resolve_flags,
)


def connect_by_flags(flags: SettingFlags, environ: Mapping[str, str] | None = None) -> ResolvedConnection:
    """Connect to the server that is named, and print warnings on standard error. Raises ConfigError."""
    environ = os.environ if environ is None else environ
    config = load_config(environ)
    settings = resolve_flags(flags.values, flags.profile, environ, config)
    require_server(settings, config, flags.stray_address)
    return log_in_with_warnings(plan_connection(settings, environ), config)


def log_in_with_warnings(plan: ConnectionPlan, config: Config) -> ResolvedConnection:
    """Log in as planned, and print warnings on standard error. Raises ConfigError."""
    for warning in plan.list_warnings(config):
        report_error(warning)
    return plan.log_in()
