"""`graphtop views`: what it lists, in each format, what it removes, and that shells complete the names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui.cli import run as graphtop
from tui.cli.completion.complete import list_candidates
from tui.monitor.saved_views import SavedView, ViewPlace, ViewsFile

pytestmark = pytest.mark.usefixtures("long_lines")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ViewsFile:
    """A file of two views."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    file = ViewsFile()
    assert file.path == tmp_path / "graphtop" / "views.json"
    file.save_view(
        SavedView(
            name="night shift",
            places=(
                ViewPlace(profile="prod", graphspace="DEFAULT", graph="hugegraph", dialect="hugegraph"),
                ViewPlace(profile="cloud", graphs=("*",)),
            ),
            filter="status=failed \x1b[2J",
            sort="took",
            descending=False,
            tab="4",
            wide=True,
            saved=1_795_000_000_000,
        )
    )
    places = (ViewPlace(url="http://h:8080", graph="g"),)
    file.save_view(SavedView(name="dev", places=places, hidden=places))
    return file


def test_the_table_has_a_line_for_each_view(file: ViewsFile, capsys) -> None:
    assert graphtop(["views", "-o", "wide"]) == 0
    out, err = capsys.readouterr()
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "NAME PLACES FILTER SORT TAB GROUPS SAVED"
    assert lines[1] == "dev h:8080:g – age 0 – –"
    assert lines[2].startswith(
        "night shift prod:DEFAULT/hugegraph, cloud:* status=failed ␛[2J took, reversed 4"
    )
    assert lines[2].endswith("2026-11-18T11:06:40.000Z")
    assert not err


def test_an_order_is_only_called_reversed_if_it_is_not_that_of_its_column(file: ViewsFile, capsys) -> None:
    for name, sort, descending in (("up", "place", False), ("down", "place", True), ("x", "colour", False)):
        file.save_view(SavedView(name=name, places=(), sort=sort, descending=descending))
    assert graphtop(["views", "-o", "wide"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith(("up ", "down ", "x "))] == [
        "down – place, reversed 0 – –",
        "up – place 0 – –",
        "x – colour 0 – –",
    ]


def test_json_has_every_field(file: ViewsFile, capsys) -> None:
    assert graphtop(["views", "-o", "json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first == {
        "name": "dev",
        "places": [
            {
                "profile": None,
                "url": "http://h:8080",
                "dialect": "auto",
                "graphspace": None,
                "graph": "g",
                "graphs": [],
                "project": None,
            }
        ],
        "filter": "",
        "sort": "age",
        "descending": True,
        "tab": "0",
        "grouped_by": None,
        "wide": False,
        "saved": None,
        "hidden": first["places"],
    }
    assert second["places"][1]["graphs"] == ["*"]
    assert (second["sort"], second["descending"], second["saved"]) == (
        "took",
        False,
        "2026-11-18T11:06:40.000Z",
    )


@pytest.mark.parametrize(
    ("form", "out"),
    [
        ("id", ["dev", "night shift"]),
        ("tsv", ["dev\th:8080:g\t", "night shift\tprod:DEFAULT/hugegraph, cloud:*\tstatus=failed ␛[2J"]),
    ],
)
def test_lines_for_other_commands(file: ViewsFile, capsys, form: str, out: list[str]) -> None:
    assert graphtop(["views", "-o", form]) == 0
    assert capsys.readouterr().out.splitlines() == out


def test_csv_has_the_places_in_words(file: ViewsFile, capsys) -> None:
    assert graphtop(["views", "-o", "csv"]) == 0
    assert "prod:DEFAULT/hugegraph cloud:*," in capsys.readouterr().out


def test_without_views_that_is_said(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert graphtop(["views", "-o", "json"]) == 0
    assert capsys.readouterr() == ("[]\n", "graphtop: No view has been saved yet.\n")


@pytest.mark.parametrize(
    ("names", "code", "left", "said"),
    [
        (["dev"], 0, ["night shift"], ['Removed the view "dev".']),
        (["dev", "night shift", "dev"], 0, [], ["dev", "night shift"]),
        (["nobody"], 3, ["dev", "night shift"], ['No view "nobody". Use one of dev, night shift.']),
        (["deb"], 3, ["dev", "night shift"], ['No view "deb". Did you mean dev?']),
        (["nobody", "dev"], 7, ["night shift"], ["nobody", 'Removed the view "dev".']),
    ],
)
def test_views_are_removed_by_their_names(
    file: ViewsFile, capsys, names: list[str], code: int, left: list[str], said: list[str]
) -> None:
    assert graphtop(["views", *(word for name in names for word in ("--remove", name))]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == len(said)
    assert all(words in line for words, line in zip(said, err.splitlines(), strict=True))
    assert [view.name for view in file.list_views()] == left


def test_a_damaged_file_is_put_aside_with_a_sentence_and_one_that_can_not_be_read_is_an_error(
    file: ViewsFile, capsys
) -> None:
    file.path.write_text("{")
    assert graphtop(["views", "-o", "id"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "The saved views could not be read. Their file is now " in err
    file.path.parent.chmod(0o777)
    assert graphtop(["views"]) == 1
    assert "Can't read the saved views" in capsys.readouterr().err
    file.path.parent.chmod(0o700)


def test_names_are_completed(file: ViewsFile) -> None:
    assert [one.value for one in list_candidates(["views", "--remove", ""], {})] == ["dev", "night shift"]
    assert [one.value for one in list_candidates(["views", "--remove=n"], {})] == ["--remove=night shift"]
    assert [one.value for one in list_candidates(["--view", "n"], {})] == ["night shift"]
    (one,) = list_candidates(["views", "--remove", "dev", "--remove", "n"], {})
    assert one.about == "prod:DEFAULT/hugegraph, cloud:*"
    file.path.write_text("{")
    assert list_candidates(["views", "--remove", ""], {}) == []
