"""Commands where the server fails over tasks or a part of its list: what is said, and the exit codes."""

from __future__ import annotations

import json

import pytest

from backend_adapters.errors import Unreadable
from backend_adapters.model import Action, TaskStatus
from tests.cli.fake_session import FakeSession, options_of
from tests.cli.test_doctor_checks import findings
from tests.cli.test_session import PAGE, history, purged
from tests.cli.test_watch import begin, log_of, news
from tests.unit.fakes import WORDS, S, task, unreadable_task
from tui.cli import exit_codes
from tui.cli.commands import get, ls
from tui.cli.commands.wait import make_wait_record
from tui.cli.completion import candidates
from tui.cli.completion.complete import list_candidates
from tui.cli.errors import CommandError
from tui.cli.output.records import STATUS_COLOURS
from tui.cli.work import text_download
from tui.cli.work.task_actions import ActionOptions, act_on_ids
from tui.cli.work.text_download import TextOptions
from tui.cli.work.waiter import UNREAD_MOST, TaskWaiter, WaitResult
from tui.monitor.filters import compile_filter
from tui.monitor.health import Health, Phase
from tui.monitor.store import Change

pytestmark = pytest.mark.usefixtures("long_lines")

SAID = "Server error 500: Invalid status code: 9"
NAMED = f"graphtop: 1 task can't be read: 450 ({SAID}).\n"


def with_broken(*rows, **more) -> FakeSession:
    """A server that fails over task 450."""
    rig = FakeSession(*rows, task(450, S.SUCCESS), **more)
    rig.backend.failing = {"450": WORDS}
    return rig


async def listed(
    rig: FakeSession, capsys, *words: str, limit: int = 50, output: str = "id"
) -> tuple[int, str, str]:
    rig.backend.batch = PAGE
    chosen = options_of(ls.Options, limit=limit, format=output)
    code = await ls._list_tasks(rig.session, chosen, compile_filter(" ".join(words)))
    return (code, *capsys.readouterr())


# ls


async def test_ls_has_the_row_with_the_servers_words_and_says_so_beside(capsys) -> None:
    code, out, err = await listed(with_broken(task(1), task(2)), capsys, output="json")
    last = json.loads(out)[-1]
    assert (last["id"], last["status"], last["word"], last["fault"]) == (
        "450",
        "unreadable",
        "unreadable",
        WORDS,
    ), "it is no newest one, though its id is the highest"
    assert (last["type"], last["name"], last["created"]) == ("", "", None)
    assert (code, err) == (exit_codes.OK, NAMED)


async def test_ls_has_its_word_in_the_table_and_its_colour(capsys) -> None:
    _, out, _ = await listed(with_broken(), capsys, output="table")
    assert out.splitlines()[1].split()[:3] == ["450", "▒", "unreadable"]
    assert STATUS_COLOURS[TaskStatus.UNREADABLE] == "1;31"


async def test_ls_finds_them_by_their_status_in_all_of_the_history(capsys) -> None:
    rig = FakeSession(*history(1000))
    rig.backend.failing = dict.fromkeys(("7", "8", "9", "10", "11", "12", "13"), "No.")
    code, out, err = await listed(rig, capsys, "status=unreadable")
    assert out.split() == ["13", "12", "11", "10", "9", "8", "7"]
    assert (code, err) == (
        exit_codes.OK,
        "graphtop: 7 tasks can't be read: 7, 8, 9, 10, 11 and 2 more (No).\n",
    )


async def test_ls_says_what_is_missing_of_a_partial_list_and_why(capsys) -> None:
    rig = FakeSession(*history(300))
    rig.backend.partial = "The server fails over page 2."
    code, out, err = await listed(rig, capsys, limit=0)
    assert (code, len(out.split())) == (exit_codes.PARTLY, PAGE)
    assert err == "graphtop: fake · g: Not all tasks could be read. The server fails over page 2.\n"
    code, out, err = await listed(rig, capsys, "nothing-like-it", limit=0)
    assert (code, out) == (exit_codes.PARTLY, "")
    assert "no tasks" not in err


async def test_ls_of_the_newest_needs_no_more_than_a_first_batch_that_has_them(capsys) -> None:
    rig = FakeSession(*history(300))
    rig.backend.partial = "The server fails over page 2."
    code, out, err = await listed(rig, capsys, limit=20)
    assert (code, len(out.split())) == (exit_codes.OK, 20)
    assert "not all" not in err


@pytest.mark.parametrize(("has_unfinished", "found"), [(True, []), (False, ["3"])])
async def test_ls_of_the_unfinished_reads_on_where_the_first_batch_need_not_hold_them(
    capsys, has_unfinished, found
) -> None:
    rig = FakeSession(*history(300, running=(3,)))
    rig.backend.has_unfinished = has_unfinished
    _, out, _ = await listed(rig, capsys, "status=running")
    assert out.split() == found


# get, input, result, cancel, delete


@pytest.mark.parametrize(
    ("ids", "code"), [(["450"], exit_codes.UNREACHABLE), (["1", "450", "2"], exit_codes.PARTLY)]
)
async def test_get_says_that_the_server_can_not_read_it_and_goes_on(capsys, ids, code) -> None:
    rig = with_broken(task(1), task(2))
    assert await get._show_tasks(rig.session, options_of(get.Options, ids=ids, format="id")) == code
    out, err = capsys.readouterr()
    assert out.split() == [one for one in ids if one != "450"]
    assert err == f"graphtop: fake · g: The server can't read task 450: {WORDS}\n"


@pytest.mark.parametrize("part", ["input", "result"])
async def test_a_text_of_it_is_not_to_be_had(capsys, part, tmp_path) -> None:
    rig = with_broken()
    rig.backend.faults["stream"] = [Unreadable(WORDS)]
    path = tmp_path / "text"
    with pytest.raises(CommandError) as told:
        await text_download.download_text(rig.session, part, TextOptions(id="450", file=path and str(path)))
    assert (told.value.code, str(told.value)) == (
        exit_codes.UNREACHABLE,
        f"fake · g: The server can't read task 450: {WORDS}",
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("alone", [True, False])
async def test_a_cancel_of_it_is_not_sent_and_those_of_others_are(capsys, alone) -> None:
    rig = with_broken(task(1, S.RUNNING))
    ids = ["450"] if alone else ["450", "1"]
    code = await rig.clock.wait_for(
        act_on_ids(rig.session, Action.CANCEL, options_of(ActionOptions, ids=ids, format="json"))
    )
    assert code == (exit_codes.UNREACHABLE if alone else exit_codes.PARTLY)
    said = json.loads(capsys.readouterr().out)
    assert (said[0]["id"], said[0]["outcome"], said[0]["status"], said[0]["ok"]) == (
        "450",
        "not sent",
        "unreadable",
        False,
    )
    can_delete = " You can still delete it."
    assert said[0]["words"] == f"The server can't read it: {WORDS}{can_delete}"
    assert rig.backend.acts == ({} if alone else {"1": 1})


@pytest.mark.parametrize("action", [Action.DELETE, Action.FORCE_DELETE])
async def test_its_record_can_be_deleted(capsys, action) -> None:
    rig = with_broken(task(1, S.SUCCESS))
    code = await rig.clock.wait_for(
        act_on_ids(rig.session, action, options_of(ActionOptions, ids=["450", "1"], format="json"))
    )
    assert code == exit_codes.OK
    assert {one["id"]: one["outcome"] for one in json.loads(capsys.readouterr().out)} == {
        "450": "deleted",
        "1": "deleted",
    }
    assert rig.backend.acts == {"450": 1, "1": 1}


# purge


async def test_purge_leaves_it_out_and_says_so(capsys) -> None:
    rig = with_broken(*history(3))
    code, _, err = await purged(rig, capsys)
    assert (code, set(rig.backend.tasks)) == (exit_codes.OK, {"450"})
    assert f"Skipped: 1 task can't be read: 450 ({SAID}).\n" in err


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(("old", "found"), [(3_600_000, 10), (10**12, 0)])
async def test_purge_says_where_its_list_is_partial(capsys, dry_run, old, found) -> None:
    rig = FakeSession(*history(30))
    rig.backend.partial = "The server fails over page 2."
    code, _, err = await purged(rig, capsys, dry_run=dry_run, older_than=old)
    assert code == exit_codes.PARTLY
    assert "Not all tasks could be read; there may be more to delete. The server fails over page 2." in err
    assert sum(rig.backend.acts.values()) == (0 if dry_run else found)


# wait


async def test_a_hiccup_does_not_end_the_waiting(capsys) -> None:
    rig = FakeSession(task(450), interval=0.2)
    rig.backend.later(1, lambda: rig.backend.failing.update({"450": WORDS}))
    rig.backend.later(2.5, rig.backend.failing.clear)
    rig.backend.later(20, lambda: rig.backend.set(450, S.SUCCESS))
    ended: list[WaitResult] = []
    assert await rig.clock.wait_for(TaskWaiter(rig.session, ["450"], "success", ended.append).run(None)) == [
        0
    ]
    assert capsys.readouterr().err == (
        f"graphtop: fake · g: The server can't read task 450: {WORDS} Retrying.\n"
        "graphtop: fake · g: Task 450 can be read again.\n"
    )


async def test_what_stays_unreadable_is_given_up_after_three_looks_and_the_others_go_on(capsys) -> None:
    rig = with_broken(task(1), interval=0.2)
    rig.backend.later(60, lambda: rig.backend.set(1, S.SUCCESS))
    ended: list[WaitResult] = []
    waiting = TaskWaiter(rig.session, ["450", "1"], "success", ended.append)
    assert await rig.clock.wait_for(waiting.run(None)) == [exit_codes.UNREACHABLE, exit_codes.OK]
    assert sum("450" in about for about in rig.asked("look")) == UNREAD_MOST == 3
    assert (ended[0].id, ended[0].after) == ("450", pytest.approx(3.0)), "not within a moment"
    record = make_wait_record(ended[0])
    assert (record.status, record.ok, record.gone, record.timed_out) == ("unreadable", False, False, False)
    assert "Task 450 still can't be read. No longer waiting for it." in capsys.readouterr().err


async def test_one_that_goes_away_meanwhile_is_gone_and_not_said_to_be_readable(capsys) -> None:
    rig = with_broken()
    rig.backend.later(0.5, lambda: rig.backend.drop(450))
    waiting = TaskWaiter(rig.session, ["450"], "gone", lambda _: None)
    assert await rig.clock.wait_for(waiting.run(None)) == [exit_codes.OK]
    assert "can be read again" not in capsys.readouterr().err


async def test_it_is_not_gone_where_its_end_is_waited_for(capsys) -> None:
    rig = with_broken()
    waiting = TaskWaiter(rig.session, ["450"], "gone", lambda _: None)
    assert await rig.clock.wait_for(waiting.run(None)) == [exit_codes.UNREACHABLE]


# watch


async def test_watch_tells_when_one_can_not_be_read_any_more_and_names_the_old_ones_once(capsys) -> None:
    rig = FakeSession()
    log, stream = log_of(rig)
    rig.session.store.apply_answer([unreadable_task(450)], asked=rig.session.store.take_ticket())
    begin(log, unreadable_task(450), task(1))
    assert news(stream) == ["1 seen - running"]
    log.on_health(Health(phase=Phase.LIVE, begun=True, scanned=True))
    log.on_health(Health(phase=Phase.LIVE, begun=True, scanned=True, latency=1.0))
    assert capsys.readouterr().err == NAMED
    log.on_changes([Change(task(1), unreadable_task(1, status_before=S.RUNNING))])
    assert news(stream) == ["1 changed running unreadable"]


async def test_watch_says_that_its_list_is_partial_and_takes_no_history_for_news(capsys) -> None:
    log, stream = log_of(FakeSession())
    begin(log, scanned=True, partial="Page 2 fails.")
    assert capsys.readouterr().err == "graphtop: fake · g: Not all tasks could be read. Page 2 fails.\n"
    log.on_changes([Change(None, unreadable_task(450))])
    log.on_changes([Change(None, task(3, S.SUCCESS))])
    assert news(stream) == []


# doctor


async def test_doctor_names_what_can_not_be_read_and_calls_a_partial_list_wrong() -> None:
    code, told = await findings(rig := with_broken(task(1)))
    ok, says, _ = told["graph"]
    assert (code, ok) == (exit_codes.OK, True)
    assert says.endswith(f"2 tasks read in 0ms, 1 unfinished. 1 task can't be read: 450 ({SAID}).")
    rig.backend.partial = "The server fails over page 2."
    code, told = await findings(rig)
    ok, says, hint = told["graph"]
    assert (code, ok, hint) == (exit_codes.UNREACHABLE, False, "Check the server's log.")
    assert "Not all tasks can be read: The server fails over page 2." in says


# Completions


async def test_completions_offer_what_can_be_read(monkeypatch) -> None:
    rig = with_broken(task(1), task(2, S.SUCCESS))
    rig.backend.partial, rig.backend.has_unfinished = "Page 2 fails.", False
    asked = {}

    def ask(values, environ, what, **_):
        asked["names"] = what
        return

    monkeypatch.setattr(candidates, "_ask_server", ask)
    for command, ids in (("wait", ["1"]), ("delete", ["2", "1"])):
        candidates.list_task_ids(command, {}, {})
        assert sorted(offer.value for offer in await asked["names"](rig.backend)) == sorted(ids)


def test_the_status_is_offered_for_filters_and_not_for_a_purge() -> None:
    assert [offer.value for offer in list_candidates(["ls", "status=unr"], {})] == ["status=unreadable"]
    assert list_candidates(["purge", "--status", "unr"], {}) == []
