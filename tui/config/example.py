"""The texts that a person pastes: an example of the whole file, and the profile of a server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from backend_adapters.transport.target import Target
from tui.config.finding_settings import FINDING_SETTINGS
from tui.config.settings import RawValue

_EXAMPLE = """\
#:schema ./config.schema.json
# Editors that support this line check the file against the schema. To save it next to this file:
# graphtop config schema > config.schema.json
#
# graphtop never changes this file. `graphtop config check` shows each value and where it comes from.
# Order: flag, environment variable (GRAPHTOP_URL, GRAPHTOP_GRAPH, ...), profile, default.
# Exception: read_only and production, once true here, can't be turned off.

default_profile = "dev"         # the profile that `graphtop` opens
# history_days = 90             # how long the history of tasks is kept, ...
# history_megabytes = 500       # ... and how large it may become

[screen]
theme = "graphtop-dark"         # or graphtop-light, or one of Textual's themes
utc = false
ascii = false
title = true                    # false: leave the terminal's title and its tab alone
notify = "auto"                 # bell, osc9, osc777, osc99, command, or off
# notify_command = "notify-send graphtop"     # gets the text as its last argument; no shell

@FINDINGS@
[profiles.dev]
url = "http://localhost:8080"
# graphs = ["*"]                # all its graphs together; or some: ["social", "test*", "finance/*"]

[profiles.prod]
url = "https://graph.example.com"
dialect = "auto"                # see graphtop --help for the others
graphspace = "DEFAULT"
graph = "hugegraph"
user = "admin"
# Never write a secret here. Use one of these instead:
password_command = "pass show hugegraph/prod"
# password_file = "prod.password"    # relative to this file; chmod 600
# token_command = "vault read -field=token secret/hugegraph"
# token_file = "prod.token"
# netrc = true                       # use the host's entry in ~/.netrc; "plain" allows plain http
interval = 5.0                  # seconds between two polls
production = true               # marked in the header; each action must be typed
read_only = false               # true: refuse to cancel, delete or create
# journal = false                    # don't record actions; see `graphtop journal`
# cache = false                      # don't remember this server and its last tasks
# history = false                    # don't record what is seen of tasks
# ca_file = "our-ca.pem"             # trust these CA certificates instead of the system's
# client_cert = "me.pem"
# client_key = "me.key"
# insecure = true                    # don't verify the certificate; the header shows it
# allow_plain = true                 # log in over plain http without a warning
# paths = "classic"                  # or graphspace; the default depends on the version

[profiles.cloud]
url = "https://ges.cn-north-4.myhuaweicloud.com"
project = "0123456789abcdef0123456789abcdef"
"""


def _write_findings() -> str:
    """The table [findings] with all of its defaults."""
    lines = ["[findings]                      # what is told as a problem; false turns a rule off"]
    for setting in FINDING_SETTINGS:
        value = json.dumps(setting.default)
        lines.append(f"{f'{setting.name} = {value}':<31} # {setting.about}")
    return "\n".join(lines) + "\n"


EXAMPLE_CONFIG = _EXAMPLE.replace("@FINDINGS@\n", f"{_write_findings()}\n")

_EXAMPLE_HEAD = """\
# An example of all that can be set. Remove the first # of each line that you want.
#"""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def make_first_config(profile: str = "", name: str = "") -> str:
    """The text of a new config file: the example, commented out, after a profile where one is given."""
    head, _, example = EXAMPLE_CONFIG.partition("\n\n")
    own = f"default_profile = {quote_toml(name)}\n\n{profile}\n" if profile else ""
    lines = (f"# {line}".rstrip() for line in example.splitlines())
    return "\n".join([f"{head}\n\n{own}{_EXAMPLE_HEAD}", *lines, ""])


def quote_toml(text: str) -> str:
    """A string in TOML, whose escapes include those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def suggest_profile_name(profile: str) -> str:
    """A name for a new profile from a server's host and port: `graph.example:8080` → `graph`."""
    host = profile.partition(":")[0]
    if host in ("127.0.0.1", "localhost"):
        return "local"
    first = host.split(".")[0] if not host.replace(".", "").isdigit() else host.replace(".", "-")
    return first if _BARE.fullmatch(first) else "server"


def format_profile(target: Target, *, name: str = "", extra: Mapping[str, RawValue] | None = None) -> str:
    """A profile for a server in TOML, without any secret; `extra` are settings that a target lacks."""
    name = name or suggest_profile_name(target.profile)
    lines = [f"[profiles.{name if _BARE.fullmatch(name) else quote_toml(name)}]"]
    lines += [f"{key} = {quote_toml(value)}" for key, value in list_settings(target)]
    if target.credentials.user:
        lines.append('# password_command = "pass show …"')
    for key, value in (extra or {}).items():
        if value:
            lines.append(f"{key} = {quote_toml(value) if isinstance(value, str) else 'true'}")
    return "\n".join(lines) + "\n"


def list_settings(target: Target) -> Iterator[tuple[str, str]]:
    """The settings that lead to a server, without any secret."""
    values = {
        "url": target.url,
        "dialect": target.dialect if target.dialect != "auto" else None,
        "graphspace": target.graphspace,
        "graph": target.graph,
        "project": target.project,
        "paths": target.paths if target.paths != "auto" else None,
        "user": target.credentials.user,
        "ca_file": target.tls.ca_file,
        "client_cert": target.tls.client_cert,
        "client_key": target.tls.client_key,
    }
    return ((name, value) for name, value in values.items() if value)
