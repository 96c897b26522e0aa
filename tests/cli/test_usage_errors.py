"""What a person reads who typed a command wrong: what it is, in plain words, and where to look."""

from __future__ import annotations

import pytest

from tui.cli.run_command import run_command

WRONG = [
    ("get", [], "graphtop get: ID is missing."),
    ("purge", [], "graphtop purge: --older-than and --status are missing."),
    ("config", [], "graphtop config: init|check|path|example|schema is missing."),
    ("completion", [], "graphtop completion: shell is missing."),
    ("ls", ["--limit"], "graphtop ls: --limit needs a value."),
    ("ls", ["--limit", "x"], "graphtop ls: --limit must be a whole number, 0 or more."),
    ("demo", ["--seed", "x"], "graphtop demo: --seed must be a whole number."),
    ("ls", ["--reverse=3"], "graphtop ls: --reverse takes no value."),
    ("ls", ["-o", "xml"], '--output: "xml" is unknown. Use table, wide, tsv, json, jsonl, csv or id.'),
    ("ls", ["-o", "jsn"], "Did you mean json?"),
    ("wait", ["1", "--for", "done"], '--for: "done" is unknown. Use success, finished or gone.'),
    ("wait", ["1", "--timeout", "soon"], 'graphtop wait: --timeout: "soon" is not a duration;'),
    ("config", ["chek"], 'graphtop config: "chek" is unknown. Use init, check, path, example or schema. '),
    ("ls", ["--revers"], "graphtop ls: Unknown option --revers. Did you mean --reverse?"),
    ("ls", ["--frob", "--quux=3"], "graphtop ls: Unknown options --frob and --quux."),
    ("ls", ["--status", "failed"], "A filter is written without dashes, such as status=…"),
    ("ls", ["status=failed", "-o", "id", "age<1h", "--frob"], "graphtop ls: Unknown option --frob."),
    ("wait", ["1", "--status", "failed"], "graphtop wait: Unknown option --status."),
    ("demo", ["x", "y"], "graphtop demo: Too many words: x y."),
]  # fmt: skip


@pytest.mark.parametrize(("command", "words", "said"), WRONG, ids=[" ".join([c, *w]) for c, w, _ in WRONG])
def test_a_mistake_is_told_in_plain_words(capsys, command: str, words: list[str], said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command(command, words)
    shown = capsys.readouterr()
    first, usage, advice = shown.err.splitlines()
    assert (ended.value.code, shown.out) == (2, "")
    assert said in first
    assert usage.startswith(f"usage: graphtop {command} [options]")
    assert advice == f"Run `graphtop {command} --help` for its options and examples."
