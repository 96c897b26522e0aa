"""What opens the screen: which place, how it looks, and what is refused before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from backend_adapters.registry import DIALECTS
from backend_adapters.transport.target import Target, Tls
from tests.cli.conftest import Done
from tests.cli.fake_screen import Opening, replace_screen
from tui.cli.commands import demo
from tui.cli.commands import launch as watch
from tui.cli.error_handler import run_guarded
from tui.cli.work import launcher, session
from tui.config import profiles
from tui.config.options import ScreenOptions
from tui.config.resolved import NOT_SET, OriginKind, ValueOrigin
from tui.connection import resolve
from tui.connection.profile_source import CannotOpen, ProfileSummary
from tui.connection.profile_switcher import ProfileSwitcher
from tui.monitor.saved_views import SavedView, ViewPlace, ViewsFile

DEMO_URL, COMPUTER_DEMO_URL = (DIALECTS[name].demo_url for name in ("hugegraph", "computerdis"))
FILE = """\
[profiles.prod]
url = "https://h:8443"
production = true
read_only = true
insecure = true
[profiles.dev]
url = "http://dev:8080/graphs/g"
[profiles.bad]
url = "h"
nonsense = 1
"""

Opened = list[tuple[Target | None, ScreenOptions]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """What the screen was opened with, which opens not."""
    seen: Opened = []

    def keep(opening: Opening) -> None:
        assert not opening.notes
        shown = opening.destinations[0] if opening.destinations else opening
        view = () if opening.view is None else (opening.view,)
        seen.append((shown.target, shown.options, *view))

    replace_screen(monkeypatch, keep, demo, watch)
    return seen


@pytest.fixture
def file(home: Path) -> dict[str, str]:
    """The variable that names a file with profiles."""
    path = home / "config.toml"
    path.write_text(FILE)
    return {"GRAPHTOP_CONFIG": str(path)}


# --- graphtop URL, graphtop NAME ---------------------------------------------------------------------


def test_an_address_opens_with_what_the_flags_say(call: Callable[..., Done], opened: Opened) -> None:
    flags = (
        "--name Mine --since 2026-11-01 --until 2026-11-23 --graph g --interval 5 --utc --ascii --production"
    )
    done = call("http://h:8080/hg", *flags.split(), "--no-mouse", "--no-journal", "--theme", "nord")
    assert (done.returncode, done.stderr) == (7, "")
    ((target, options),) = opened
    assert (target.url, target.profile, target.graph) == ("http://h:8080/hg", "Mine", "g")
    assert (target.since, target.until) == ("2026-11-01", "2026-11-23")
    assert options == ScreenOptions(
        interval=5.0, production=True, production_origin=ValueOrigin(OriginKind.FLAG, "--production"),
        journal=False, journal_origin=ValueOrigin(OriginKind.FLAG, "--no-journal"),
        utc=True, ascii=True, theme="nord", mouse=False,
    )  # fmt: skip


def test_an_address_alone_opens_with_the_defaults(call: Callable[..., Done], opened: Opened) -> None:
    assert call("http://h").returncode == 7
    ((target, options),) = opened
    assert (target.url, target.profile, target.dialect, target.graph) == (
        "http://h",
        "h:80",
        "auto",
        None,
    )
    assert options == ScreenOptions()


def test_a_name_opens_its_profile(call: Callable[..., Done], opened: Opened, file: dict[str, str]) -> None:
    done = call("prod", env=file)
    assert done.stderr == "graphtop: INSECURE: the server's certificate is not checked.\n"
    ((target, options),) = opened
    assert (target.url, target.profile, target.tls) == ("https://h:8443", "prod", Tls(insecure=True))
    assert (options.production, options.read_only, options.insecure) == (True, True, True)
    assert options.read_only_origin.attribution == "the profile prod (~/config.toml:4)"
    assert call("prod", "-p", "prod", env=file).returncode == 7


@pytest.mark.parametrize(
    "word", ["localhost", "LOCALHOST/graphs/g", "h.example", "h:80", "[::1]", "http://h", "10.0.0.7"]
)
def test_an_address_without_a_scheme_is_one(call, opened: Opened, word: str) -> None:
    assert call(word).returncode == 7
    assert opened[0][0].url.startswith("http://")


def test_the_address_can_be_a_flag_as_it_is_for_the_commands(call, opened: Opened, file) -> None:
    assert call("--url", "http://h:8080", "--graph", "g").returncode == 7
    assert call("prod", "--url", "http://h:8080", env=file).returncode == 7
    assert call("http://h:8080", "--url", "http://h:8080").returncode == 7
    assert [target.url for target, _ in opened] == ["http://h:8080"] * 3
    assert [target.profile for target, _ in opened] == ["h:8080", "prod@h:8080", "h:8080"]


def test_a_flag_that_there_is_not_is_told(call, opened: Opened) -> None:
    done = call("http://h", "--frob")
    assert (done.returncode, done.stdout, opened) == (2, "", [])
    assert "graphtop: Unknown option --frob." in done.stderr


@pytest.fixture
def views(home: Path) -> ViewsFile:
    """A file with two views."""
    views = ViewsFile(home / ".local" / "state" / "graphtop" / "views.json")
    prod = ViewPlace(profile="prod", graphspace="DEFAULT", graph="social", dialect="hugegraph")
    views.save_view(SavedView(name="night shift", places=(prod,), filter="status=failed"))
    views.save_view(SavedView(name="typed", places=(ViewPlace(url="http://h:8080", graph="g"),)))
    return views


def test_a_view_opens_its_place_and_shows_it_so(call, opened: Opened, file, views: ViewsFile) -> None:
    assert call("--view", "night shift", "--utc", env=file).returncode == 7
    ((target, options, view),) = opened
    assert (target.url, target.profile) == ("https://h:8443", "prod")
    assert (target.graph, target.graphspace, target.dialect) == ("social", "DEFAULT", "hugegraph")
    assert (options.production, options.read_only, options.utc) == (True, True, True)
    assert view == views.find_view("night shift")
    assert call("--view=typed", env=file).returncode == 7
    target, _, _ = opened[1]
    assert (target.url, target.graph, target.dialect) == ("http://h:8080", "g", "auto")


def test_a_view_of_all_graphs_of_a_project_has_not_the_graph_of_its_profile(
    call, opened: Opened, file, home: Path, views: ViewsFile
) -> None:
    (home / "config.toml").write_text(f"{FILE}[profiles.one]\nurl = 'http://one:8080'\ngraph = 'g'\n")
    for name in ("dev", "one"):
        views.save_view(SavedView(name=name, places=(ViewPlace(profile=name, graph=""),)))
        assert call("--view", name, env=file).returncode == 7
    assert [(target.profile, target.graph) for target, _, _ in opened] == [("dev", None), ("one", None)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--view", "nigth shift"], 'No view "nigth shift". Did you mean night shift?'),
        (["--view", "x"], 'No view "x". Use one of night shift, typed.'),
        (["prod", "--view", "typed"], "A view has its own places: use --view, or name a server, not both."),
        (["-p", "prod", "--view", "typed"], "A view has its own places:"),
        (["--graph", "g", "--view", "typed"], "A view has its own places:"),
    ],
)
def test_a_view_that_can_not_be_opened_is_told(
    call, opened: Opened, file, views: ViewsFile, words: list[str], said: str
) -> None:
    done = call(*words, env=file)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert not opened


def test_without_a_word_the_welcome_opens(call: Callable[..., Done], opened: Opened) -> None:
    assert call("--utc").returncode == 7
    ((target, options),) = opened
    assert (target, options.utc) == (None, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "prdo",
            'No profile "prdo". Did you mean prod? For a host, write http://prdo',
        ),
        (
            "lss",
            'No command "lss". Did you mean ls? For a host, write http://lss',
        ),
        (
            "hlep",
            'No command "hlep". Did you mean help? For a host, write http://hlep',
        ),
        (
            "frobnicate",
            'No command or profile "frobnicate". The profiles are prod, dev, bad.'
            " Run `graphtop help` for the commands. For a host, write http://frobnicate",
        ),
        (
            "lss status=failed --limit 3 -o id",
            'No command "lss". Did you mean ls? For a host, write http://lss',
        ),
        ("kill", 'No command "kill". Did you mean cancel? For a host, write http://kill'),
        ("ps", 'No command "ps". Did you mean ls? For a host, write http://ps'),
        (
            "top",
            'No command "top". Did you mean graphtop without a command? For a host, write http://top',
        ),
        (
            "h/graphs/g",
            'No command or profile "h/graphs/g". The profiles are prod, dev, bad.'
            " Run `graphtop help` for the commands. For a host, write http://h/graphs/g",
        ),
        ("-p prod ls", '"ls" is a command and must come first: graphtop ls -p prod …'),
        ("prod ls", '"ls" is a command and must come first: graphtop ls -p prod …'),
        ("http://h:1 ls", '"ls" is a command and must come first: graphtop ls --url http://h:1 …'),
        (
            "http://h:1 wait 5 --timeout 1s",
            '"wait" is a command and must come first: graphtop wait --url http://h:1 …',
        ),
        ("http://h:1 --url http://h:2", "http://h:1 and --url http://h:2 name two servers. Use only one."),
        (
            "prod -p dev",
            '"prod" and --profile dev name two profiles. Use only one, or `graphtop prod dev` for both.',
        ),
        ("u:p@h", "Leave the user and the password out of the address. Use --user for the user."),
        ("http://u@h", "Leave the user and the password out of the address. Use --user for the user."),
        ("ftp://h", '"ftp://h" is not a valid server address. Write it as http://host:8080.'),
        ("-p nobody", 'No profile "nobody". Use one of prod, dev, bad.'),
        (
            "-p dev --ca-file /no/such",
            "--ca-file: ca_file names a file that can't be read: no such file or directory.",
        ),
    ],
)
def test_what_can_not_be_opened_is_told(call, opened: Opened, file, arguments: str, said: str) -> None:
    done = call(*arguments.split(), env=file)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"graphtop: {said}\n")
    assert not opened


@pytest.mark.parametrize(
    "command", ["ls", "get", "wait 3", "input", "submit", "purge --older-than 1d --status failed"]
)
def test_an_address_without_its_flag_is_told(call, command: str) -> None:
    done = call(*command.split(), "http://h:1")
    said = "graphtop: No server given. Write --url before its address: --url http://h:1\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("--since", "yesterday", '"yesterday" is not a day; write it as 2026-11-23'),
        ("--interval", "0.1", "must be between 0.2 and 3600 seconds"),
        ("--interval", "3601", "must be between 0.2 and 3600 seconds"),
        ("--interval", "soon", "must be a number of seconds"),
    ],
)
def test_a_flag_that_is_wrong_is_told(call, opened: Opened, flag: str, value: str, words: str) -> None:
    done = call("http://h", flag, value)
    assert (done.returncode, words in done.stderr) == (2, True)
    assert not opened


@pytest.mark.parametrize("value", ["0.2", "3600"])
def test_the_shortest_and_the_longest_interval_are_taken(call, opened: Opened, value: str) -> None:
    call("http://h", "--interval", value)
    assert opened[0][1].interval == float(value)


@pytest.mark.parametrize("arguments", [("http://h/graphs/g",), ("prod",), ("ls", "-p", "prod")])
def test_a_start_reads_the_file_and_resolves_the_settings_and_the_address_once(
    call, opened: Opened, file: dict[str, str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    calls: Counter[str] = Counter()

    def count_calls(module: ModuleType, name: str) -> None:
        function = getattr(module, name)

        def counted(*args, **kwargs):
            calls[name] += 1
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    count_calls(profiles, "parse_config")
    for name in ("resolve_settings", "parse_address", "plan_login"):
        count_calls(resolve, name)
    monkeypatch.setattr(session, "run_session", lambda connection, work: 7)
    assert call(*arguments, env=file).returncode == 7
    assert calls == {"parse_config": 1, "resolve_settings": 1, "parse_address": 1, "plan_login": 1}


# --- graphtop demo -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "url", "dialect", "seed"),
    [
        ("", DEMO_URL, "hugegraph", 7),
        ("--dialect computerdis --seed 9", COMPUTER_DEMO_URL, "computerdis", 9),
        ("--dialect ges", DEMO_URL, "ges", 7),
        ("--dialect ges-v2", DEMO_URL, "ges-v2", 7),
    ],
)
def test_the_demo_opens_on_a_built_in_server(call, opened: Opened, flags, url, dialect, seed) -> None:
    assert call("demo", *flags.split()).returncode == 7
    ((target, _),) = opened
    assert (target.url, target.profile, target.dialect, target.demo) == (
        url,
        "demo",
        dialect,
        seed,
    )


def test_the_demo_of_all_begins_with_production(call, opened: Opened) -> None:
    assert call("demo", "--all", "--seed", "9").returncode == 7
    ((target, options),) = opened
    assert (target.url, target.profile, target.graph, target.demo) == (
        "http://prod.demo:8080",
        "prod",
        "hugegraph",
        9,
    )
    assert options.production
    assert options.production_origin.attribution == "the profile prod (the demo)"


def test_the_demo_of_all_has_no_dialect_of_its_own(call, opened: Opened) -> None:
    done = call("demo", "--all", "--dialect", "ges")
    said = "Use --all or --dialect, not both: the company's places have several dialects."
    assert (done.returncode, done.stderr) == (2, f"graphtop: {said}\n")
    assert not opened


def test_the_places_of_the_company_have_their_own_mark_of_production() -> None:
    marks = [
        (place.target.profile, place.options.production)
        for place in demo.list_company_destinations(7, ScreenOptions(utc=True))
    ]
    assert marks == [
        *[("prod", True)] * 3,
        *[("staging", False)] * 2,
        *[("dev", False)] * 2,
        ("cloud", False),
        ("dr", True),
    ]
    assert all(place.options.utc for place in demo.list_company_destinations(7, ScreenOptions(utc=True)))


def test_a_demo_takes_how_the_screen_looks_and_nothing_else(call, opened: Opened, home: Path) -> None:
    path = home / "config.toml"
    path.write_text(f'default_profile = "prod"\n[screen]\ntheme = "nord"\n{FILE}')
    env = {
        "GRAPHTOP_CONFIG": str(path),
        "GRAPHTOP_UTC": "1",
        "GRAPHTOP_ASCII": "1",
        "GRAPHTOP_READ_ONLY": "1",
    }
    assert (
        call(
            "demo", "--no-mouse", env={**env, "GRAPHTOP_URL": "http://x", "GRAPHTOP_INTERVAL": "9"}
        ).returncode
        == 7
    )
    assert call("demo", env={**env, "GRAPHTOP_THEME": "gruvbox"}).returncode == 7
    (target, options), (_, other) = opened
    assert target.url == DEMO_URL
    assert options == ScreenOptions(theme="nord", utc=True, ascii=True, mouse=False)
    assert other.theme == "gruvbox"


def test_a_demo_whose_look_is_wrong_is_told(call, opened: Opened) -> None:
    done = call("demo", env={"GRAPHTOP_UTC": "maybe"})
    assert (done.returncode, done.stderr) == (2, "graphtop: GRAPHTOP_UTC must be 1 or 0, true or false.\n")
    assert not opened


# --- the terminal ------------------------------------------------------------------------------------


PIPE = "The screen needs a terminal, but standard input or output is not one."
FLAT = "The screen needs a terminal that can place text, but {}. Try TERM=xterm-256color."


@pytest.mark.parametrize(
    ("terminals", "kind", "said"),
    [
        ((True, True), "xterm", ""),
        ((False, True), "xterm", PIPE),
        ((True, False), "xterm", PIPE),
        ((True, True), "dumb", FLAT.format("TERM is dumb")),
        ((True, True), "unknown", FLAT.format("TERM is unknown")),
        ((True, True), None, FLAT.format("TERM is not set")),
    ],
)
def test_the_screen_needs_a_terminal(monkeypatch, capsys, terminals, kind, said: str) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: terminals[0])
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminals[1])
    monkeypatch.setenv("TERM", kind) if kind else monkeypatch.delenv("TERM", raising=False)
    assert launcher.find_screen_obstacle() == said
    if said:
        assert run_guarded(lambda: launcher.open_screen(None, ScreenOptions())) == 2
        assert capsys.readouterr().err == f"graphtop: {said}\n"


def test_a_theme_that_there_is_not_is_told(monkeypatch, capsys) -> None:
    monkeypatch.setattr(launcher, "find_screen_obstacle", lambda: "")
    assert run_guarded(lambda: launcher.open_screen(None, ScreenOptions(theme="x-y"))) == 2
    said = capsys.readouterr().err
    assert said.startswith('graphtop: Unknown theme "x-y". Use one of ')
    assert ", graphtop-dark, graphtop-light, " in said


@pytest.mark.parametrize(("code", "wanted"), [(0, 0), (129, 129), (None, 1)])
def test_the_screens_exit_code_is_the_commands(monkeypatch, code: int | None, wanted: int) -> None:
    from tui.app import Graphtop
    from tui.textual_ext.driver import TerminalDriver

    seen: list[tuple[type, bool]] = []

    def run(app: Graphtop, *, mouse: bool) -> None:
        seen.append((app.driver_class, mouse))

    monkeypatch.setattr(launcher, "find_screen_obstacle", lambda: "")
    monkeypatch.setattr(Graphtop, "run", run)
    monkeypatch.setattr(Graphtop, "return_code", code)
    assert launcher.open_screen(None, ScreenOptions(mouse=False)) == wanted
    assert launcher.open_screen(None, ScreenOptions(theme="")) == wanted
    assert seen == [(TerminalDriver, False), (TerminalDriver, True)]


# --- the way to other places -------------------------------------------------------------------------


@pytest.fixture
def switcher(file: dict[str, str], monkeypatch: pytest.MonkeyPatch, home: Path) -> ProfileSwitcher:
    """The way to the profiles of the file."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GRAPHTOP_CONFIG", file["GRAPHTOP_CONFIG"])
    return ProfileSwitcher()


def test_the_profiles_are_listed_with_what_is_wrong(switcher: ProfileSwitcher) -> None:
    assert (switcher.path, switcher.file_problem) == ("~/config.toml", "")
    prod, dev, bad = switcher.list_profiles()
    assert prod == ProfileSummary(
        name="prod", url="https://h:8443", production=True, read_only=True, insecure=True
    )
    assert dev == ProfileSummary(name="dev", url="http://dev:8080/graphs/g")
    assert bad.problem.startswith('line 10: Unknown key "nonsense" in [profiles.bad]. Use url, ')


def test_what_is_wrong_with_the_whole_file_is_told(switcher: ProfileSwitcher, home: Path) -> None:
    (home / "config.toml").write_text(f"x = 1\ny = 2\n{FILE}")
    assert switcher.file_problem == (
        '~/config.toml:1: Unknown key "x". Use default_profile, profiles, screen, findings, history_days,'
        " history_megabytes."
        " Run `graphtop config check` for 1 more."
    )


async def test_a_profile_keeps_the_look_and_what_was_said_for_safety(switcher: ProfileSwitcher) -> None:
    looks = ScreenOptions(utc=True, ascii=True, theme="nord", mouse=False)
    destination = await switcher.open_profile("dev", looks)
    assert (destination.target.url, destination.target.graph, destination.warning) == (
        "http://dev:8080",
        "g",
        "",
    )
    assert destination.options == ScreenOptions(utc=True, ascii=True, theme="nord", mouse=False)


@pytest.mark.parametrize(
    ("by", "stays"),
    [
        (ValueOrigin(OriginKind.FLAG, "--read-only"), True),
        (ValueOrigin(OriginKind.VARIABLE, "GRAPHTOP_READ_ONLY"), True),
        (ValueOrigin(OriginKind.PROFILE, "x:3", "prod"), False),
    ],
)
async def test_read_only_stays_where_a_flag_or_a_variable_said_it(
    switcher: ProfileSwitcher, by, stays
) -> None:
    options = (await switcher.open_profile("dev", ScreenOptions(read_only=True, read_only_origin=by))).options
    assert (options.read_only, options.read_only_origin) == ((True, by) if stays else (False, NOT_SET))
    options = (await switcher.open_profile("dev", ScreenOptions(journal=False, journal_origin=by))).options
    assert (options.journal, options.journal_origin) == ((False, by) if stays else (True, NOT_SET))
    assert not (
        await switcher.open_profile("dev", ScreenOptions(read_only=False, read_only_origin=by))
    ).options.read_only
    assert (
        await switcher.open_profile("dev", ScreenOptions(journal=True, journal_origin=by))
    ).options.journal
    options = (
        await switcher.open_profile("dev", ScreenOptions(production=True, production_origin=by))
    ).options
    assert (options.production, options.production_origin) == ((True, by) if stays else (False, NOT_SET))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bad", '~/config.toml:10: Unknown key "nonsense" in [profiles.bad]'),
        ("none", 'No profile "none". Use one of prod, dev, bad.'),
        ("locked", "~/config.toml:13: password_file gave no password (No such file or directory)."),
    ],
)
async def test_a_profile_that_can_not_be_opened_says_why(
    switcher: ProfileSwitcher, home, name, words
) -> None:
    if name == "locked":
        (home / "config.toml").write_text(
            f"{FILE}[profiles.locked]\nurl = 'h'\npassword_file = 'x'\nuser = 'u'\n"
        )
    with pytest.raises(CannotOpen) as refused:
        await switcher.open_profile(name, ScreenOptions())
    assert str(refused.value).startswith(words)


async def test_a_file_that_others_can_read_is_warned_about(switcher: ProfileSwitcher, home: Path) -> None:
    (home / "x").write_text("secret")
    (home / "x").chmod(0o644)
    (home / "config.toml").write_text(f"{FILE}[profiles.p]\nurl = 'h'\ntoken_file = 'x'\n")
    destination = await switcher.open_profile("p", ScreenOptions())
    assert destination.warning == f"Others can read {home}/x, which holds a secret. Run: chmod 600 {home}/x"
    assert destination.target.credentials.token() == "secret"


ASKING = f"""{FILE}
[profiles.ann]
url = "http://ann"
user = "ann"
[profiles.own]
url = "http://own"
token_file = "x"
"""


@pytest.mark.parametrize(
    ("name", "env", "warning"),
    [
        (
            "ann",
            {"GRAPHTOP_PASSWORD": "pw"},
            "GRAPHTOP_PASSWORD is not used here, because it may be for another server."
            " Run `graphtop ann` to log in with it.",
        ),
        (
            "dev",
            {"GRAPHTOP_TOKEN": "t"},
            "GRAPHTOP_TOKEN is not used here, because it may be for another server."
            " Run `graphtop dev` to log in with it.",
        ),
        ("dev", {"GRAPHTOP_PASSWORD": "pw"}, ""),
        ("own", {"GRAPHTOP_TOKEN": "t"}, ""),
        ("ann", {}, ""),
    ],
)
async def test_a_secret_that_stays_behind_is_told(switcher, home, monkeypatch, name, env, warning) -> None:
    (home / "config.toml").write_text(ASKING)
    (home / "x").write_text("secret")
    (home / "x").chmod(0o600)
    for variable, value in env.items():
        monkeypatch.setenv(variable, value)
    destination = await switcher.open_profile(name, ScreenOptions())
    assert destination.warning == warning
    assert destination.target.credentials.token() == ("secret" if name == "own" else None)


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("h:8080", ("http://h:8080", "auto", None, None, None)),
        ("http://h/graphspaces/s/graphs/g/tasks", ("http://h", "auto", "g", "s", None)),
        ("https://h/ges/v1.0/p/graphs/g/jobs", ("https://h", "ges-graph", "g", None, "p")),
        ("https://h/v2/p/graphs/jobs", ("https://h", "ges-v2", None, None, "p")),
    ],
)
def test_an_address_that_is_typed_is_taken_apart(switcher: ProfileSwitcher, typed: str, parts) -> None:
    target = switcher.parse_target(typed)
    assert (target.url, target.dialect, target.graph, target.graphspace, target.project) == parts


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("ftp://h", "This is not a server address; write it as http://host:8080."),
        ("u:p@h", "This must not contain a user or password; use --user, or `user` in the profile."),
        (" ", "This must not be empty."),
    ],
)
def test_what_is_no_address_is_told(switcher: ProfileSwitcher, typed: str, words: str) -> None:
    with pytest.raises(CannotOpen) as refused:
        switcher.parse_target(typed)
    assert str(refused.value) == words


def test_the_demo_is_a_key_away(switcher: ProfileSwitcher) -> None:
    assert (switcher.make_demo_target().url, switcher.make_demo_target().demo) == (DEMO_URL, 7)


def test_a_place_is_a_profile_to_paste(switcher: ProfileSwitcher) -> None:
    target = Target(url="https://h", tls=Tls(insecure=True))
    assert switcher.format_profile(target, ScreenOptions(production=True, read_only=True)) == (
        '[profiles.h]\nurl = "https://h"\nproduction = true\nread_only = true\ninsecure = true\n'
    )
    assert switcher.format_profile(Target(url="h"), ScreenOptions()) == '[profiles.h]\nurl = "http://h"\n'
