"""Several places in one table: what is told of all of them, of one that is silent, and of those that come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend_adapters.simulator import DEMO_HUGEGRAPH
from tests.ui.joint_app import company_app, run_places
from tests.ui.running_app import read_screen, run_app, wait_for_rest

LONG = "Thread.sleep(600000)"
QUIET = replace(DEMO_HUGEGRAPH, pace=0.0)
HISTORIES = {"prod": QUIET, "dev": QUIET}


async def test_tasks_of_two_servers_stand_in_one_table_and_are_counted_together() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph", production=("prod",)) as at:
        for profile in ("prod", "dev"):
            await at.lines_to[profile].submit(LONG)
        await at.until(lambda: len(at.rows_of("Thread.sleep")) == 2, "both tasks")
        assert "graphtop   PRODUCTION   2 places" in at.lines()[0]
        assert "All 2 " in at.lines()[1]
        assert "Active 2 " in at.lines()[1]
        assert sorted(row.split()[1:3] for row in at.rows_of("▲")) == [["▲", "prod:hugegraph"]]
        assert len(at.rows_of("dev:hugegraph")) == 1


async def test_rows_of_a_silent_place_stay_and_say_of_when_they_are() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph") as at:
        for profile in ("prod", "dev"):
            await at.lines_to[profile].submit(LONG)
        await at.until(lambda: len(at.rows_of("Thread.sleep")) == 2, "both tasks")
        at.lines_to["dev"].is_cut = True
        await at.until_seen("1 does not answer")
        await at.until(lambda: bool(at.rows_of("as of 12:00")), "the moment")
        (silent,), (live,) = at.rows_of("dev:hugegraph"), at.rows_of("prod:hugegraph")
        assert "┊" in silent
        assert "▶ as of 12:00" in silent
        assert silent.split()[-2] == "–", "how long it has been running is not known"
        assert "▶ running" in live
        assert "● live" in at.lines()[0]
        assert "dev:hugegraph does not answer. Its rows are as of 12:00." in at.text()
        at.screen.parts.table.place_cursor("2/1")
        await at.press("space")
        assert at.screen.parts.table.marks == ()
        await at.until_seen("Rows of a place that does not answer can't be marked. Press r to try again.")
        await at.press("escape", "v")
        await at.until_seen("As of 12:00.")
        assert "was running" in at.text()
        at.lines_to["dev"].is_cut = False
        await at.press("r")
        await at.until(lambda: not at.rows_of("as of"), "dev answering again")
        await at.until_gone("1 does not answer")
        await at.until_gone("As of 12:00.")
        assert all("▶ running" in at.row(key) for key in ("1/1", "2/1"))


async def test_columns_are_as_wide_as_their_rows_need_whichever_place_answered_first() -> None:
    names = ("distribution:hugegraph", "b:hugegraph")
    async with run_places(*names, settings={"distribution": QUIET}, held=("b",), ready=False) as at:
        await at.press("3")
        await at.until(lambda: len(at.rows_of("✓ success")) > 20, "those of the first that succeeded")
        wide = at.table_head().index(" ID ")
        for _ in range(40):
            await at.lines_to["b"].submit("g.V().count()")
        at.lines_to["b"].is_open.set()
        await at.until(lambda: at.drawn() and not at.rows_of("distribution:"), "newer rows in their place")
        assert at.table_head().index(" ID ") < wide


async def test_filters_by_place_profile_and_graph_and_the_column_stays() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph", "dev:supply_chain", settings=HISTORIES) as at:
        everything = len(at.monitor.view)
        for typed, label in (
            ("place=prod", "prod:hugegraph"),
            ("profile=prod", "prod:hugegraph"),
            ("graph=supply_chain", "dev:supply_chain"),
        ):
            await at.press("slash", *typed, "enter")
            await at.until(lambda: 0 < len(at.monitor.view) < everything, "the filter")
            assert {task.place.label for task in at.monitor.view} == {label}
            assert "PLACE" in at.table_head(), "also where all rows are of one place: it says of which"
            await at.press("escape")
            await at.until(lambda: len(at.monitor.view) == everything, "all of them again")


async def test_groups_by_place_are_folded_and_unfolded_with_enter() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph", settings=HISTORIES) as at:
        await at.press("B", *"place", "enter")
        await at.until_seen("tasks by place · 2 places")
        assert ["dev:" in head for head in at.rows_of(":hugegraph")] == [True, False]
        assert not at.rows_of("gremlin"), "folded"
        await at.press("enter")
        await at.until(lambda: bool(at.rows_of("gremlin")), "the tasks of the first")
        await at.press("enter")
        await at.until(lambda: not at.rows_of("gremlin"), "folded again")


async def test_sorted_by_place() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph", settings=HISTORIES) as at:
        await at.press("S", *"place", "enter")
        await at.until_seen("PLACE▴")
        profiles = [task.place.profile for task in at.monitor.view]
        assert profiles == sorted(profiles)
        assert set(profiles) == {"dev", "prod"}


async def test_a_detail_is_of_the_place_of_its_row_and_says_it_whole() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph") as at:
        await at.lines_to["prod"].submit("'from prod'")
        await at.lines_to["dev"].submit("'from dev'")
        await at.until(lambda: len(at.monitor.view) == 2, "both")
        for key, script, name in (("1/1", "from prod", "prod:"), ("2/1", "from dev", "dev:")):
            at.screen.parts.table.place_cursor(key)
            await at.press("i")
            await at.until_seen(f"'{script}'")
            assert f"1 · gremlin · {name}" in at.text()
            await at.press("escape", "escape")


async def test_marks_are_of_places_and_a_copied_command_has_the_whole_id() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph") as at:
        for profile in ("prod", "dev"):
            await at.lines_to[profile].submit("1")
        await at.until(lambda: len(at.monitor.view) == 2, "both")
        at.screen.parts.table.place_cursor("2/1")
        await at.press("space")
        assert at.screen.parts.table.marks == ("2/1",)
        await at.until_seen("1 marked")
        await at.press("Y")
        await at.until_seen("Copy")
        await at.press(*"get")
        await at.press("enter")
        await at.until(lambda: bool(at.app.clipboard), "the copy")
        assert "get" in at.app.clipboard
        assert at.app.clipboard.rstrip().endswith("/hugegraph/1")
        assert "dev:" in at.app.clipboard
        # The mark has moved the cursor on.
        await at.press("c")
        await at.until(lambda: at.app.clipboard == "prod:DEFAULT/hugegraph/1", "the whole id")


async def test_pause_refresh_and_interval_are_of_all_places() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph") as at:
        await at.press("p")
        await at.until_seen("paused")
        await at.lines_to["prod"].submit(LONG)
        await at.lines_to["dev"].submit(LONG)
        await at.press("r")
        await at.until(lambda: len(at.monitor.view) == 2, "both read once")
        assert "paused" in at.lines()[0]
        await at.press("p", "plus")
        await at.until_seen("● live")
        assert all(place.poller.interval == at.monitor.interval for place in at.monitor.places)


async def test_times_wide_columns_and_a_small_terminal() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph", size=(80, 24), settings=HISTORIES) as at:
        assert "prod:hugegraph" in at.text()
        await at.press("t")
        await at.until(lambda: "CREATED" in at.table_head(), "moments")
        await at.press("t", "w")
        await at.press("t")
        assert "PLACE" in at.table_head()


async def test_an_empty_table_of_several_places_says_what_makes_sense() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph") as at:
        await at.until_seen("No tasks, or none this user is allowed to see.")
        assert "Press b to choose another graph" not in at.text()
        await at.lines_to["dev"].submit("1")
        await at.until(lambda: len(at.monitor.view) == 1, "a task")
        await at.press("slash", *"zzz", "enter")
        await at.until_seen("No matches. 1 task is hidden by the filter.")
        await at.press("escape")
        at.lines_to["prod"].is_cut = True
        await at.until_seen("prod:hugegraph does not answer.")


async def test_places_none_of_which_answers() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph", ready=False, cut=("prod", "dev")) as at:
        await at.until_seen("2 do not answer")
        await at.until_seen("Retrying automatically. Press r to try now.")
        text = at.text()
        assert "prod:8080" in text
        assert "offline" in at.lines()[0]
        assert "b to choose" not in text


async def test_a_filter_that_names_no_place_says_so_and_which_is_near() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph", settings=HISTORIES) as at:
        for typed, words in (
            ("place=pord", 'No place is called "pord". Did you mean prod?'),
            ("place=prod,stage", 'No place is called "stage".'),
            ("profile!=devv", 'No place has the profile "devv". Did you mean dev?'),
            ("graph=hugegrap", 'No place has the graph "hugegrap". Did you mean hugegraph?'),
            ("graphspace=default1 status=failed", "Did you mean DEFAULT?"),
            ("dialect=hugegrpah", 'No place has the dialect "hugegrpah". Did you mean hugegraph?'),
        ):
            await at.press("slash", *typed, "enter")
            await at.until(lambda words=words: words in at.lines()[2], words)
            if not at.monitor.view:
                await at.until(lambda words=words: words in "".join(at.lines()[3:]), "the same in the table")
                assert "Press esc to clear the filter, / to change it." in at.text()
            await at.press("escape")
        await at.press("slash", *"place=prod profile=dev,prod graph=hugegraph !dialect=ges-x", "enter")
        await at.until_seen('No place has the dialect "ges-x".')
        await at.press("escape")
        await at.press("slash", *"place=prod:DEFAULT/h profile=prod", "enter")
        await at.until_seen("filter: place=prod:DEFAULT/h profile=prod")
        assert "No place" not in at.text()


async def test_a_filter_by_one_place_alone_says_nothing_of_others() -> None:
    async with run_app() as at:
        await at.press("slash", *"place=pord", "enter")
        await at.until_seen("filter: place=pord")
        assert "No place" not in at.text()


async def test_counts_are_of_all_tasks_of_the_places_that_answer() -> None:
    async with run_places("prod:hugegraph", "dev:hugegraph", settings=HISTORIES, cut=("dev",)) as at:
        await at.until_seen("1 does not answer")
        number = len(at.monitor.tasks)
        assert f"All {number} " in at.lines()[1]
        assert "+" not in at.lines()[1]
        assert f"─ tasks · {number} " in at.text()
        await at.press("slash", *"status=failed", "enter")
        await at.until(lambda: f" of {number} · esc clear" in at.text(), "the count at the filter")
        at.lines_to["dev"].is_cut = False
        await at.press("r")
        await at.until(lambda: f"All {2 * number} " in at.lines()[1], "the tasks of both")
        at.lines_to["dev"].is_cut = True
        await at.until_seen("1 does not answer")
        assert f"All {2 * number} " in at.lines()[1], "all that it has told of"


async def test_graphs_come_and_go_over_http() -> None:
    two = replace(QUIET, graphs=("hugegraph", "social"), version="1.5.0")
    async with run_places("prod", settings={"prod": two}, graphs=("*",)) as at:
        await at.until_seen("2 places")
        line = at.lines_to["prod"]
        await line.create_graph("movies")
        await at.until_seen("3 places")
        await line.submit("'first'", "movies")
        await at.until(lambda: bool(at.rows_of("first")), "its task")
        assert "movies" in at.rows_of("first")[0]
        await line.drop_graph("movies")
        await at.until_seen("2 places")
        await at.until(lambda: not at.rows_of("first"), "its task gone")


async def test_a_task_of_each_kind_of_place_is_told_with_its_place() -> None:
    app = company_app()
    async with app.run_test(size=(160, 40), notifications=True) as pilot:
        await wait_for_rest(pilot)
        for typed, place, words in (
            ("profile=cloud status=failed", "place        cloud", "export timed out"),
            ("dialect=computerdis louvain", "place        dev:DEFAULT/social", "louvain"),
            ("place=prod rebuild", "place        prod:DEFAULT/hugegraph, production", "customerByEmail"),
        ):
            term, word = typed.split()
            await pilot.press("slash", *term, "space", *word, "enter")
            await wait_for_rest(pilot)
            await pilot.press("v")
            await wait_for_rest(pilot)
            shown = " ".join(" ".join(read_screen(app)).split())
            assert " ".join(place.split()) in shown, typed
            assert words in shown, typed
            await pilot.press("escape", "escape", "escape")
            await wait_for_rest(pilot)


async def test_a_file_is_named_after_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with run_places("prod:hugegraph", "dev:hugegraph") as at:
        for profile in ("prod", "dev"):
            await at.lines_to[profile].submit(f"'from {profile}'")
        await at.until(lambda: len(at.monitor.view) == 2, "both")
        at.screen.parts.table.place_cursor("2/1")
        await at.press("i")
        await at.until_seen("'from dev'")
        await at.press("ctrl+s")
        await at.until_seen("to dev-hugegraph-1-input.groovy.")
