"""What a person calls a task, from names as servers send them."""

from __future__ import annotations

import pytest

from tests.unit.fakes import task
from tui import task_name
from tui.task_name import name_sort_key, readable_name


@pytest.mark.parametrize(
    ("type", "name", "shown"),
    [
        ("gremlin", "// nightly recompute", "nightly recompute"),
        ("gremlin", "  //nightly recompute  \ng.V().count()", "nightly recompute"),
        ("gremlin", "/// 欺诈检测：环形转账 每日任务\r\ng.V()", "欺诈检测：环形转账 每日任务"),
        ("gremlin", "// see http://wiki/trust", "see http://wiki/trust"),
        ("gremlin", "/** trust near fraud */\ng.V()", "trust near fraud"),
        ("gremlin", "\n /* a */ b **/ \t\ng.V()", "a */ b"),
        ("rebuild_index", "INDEX_LABEL:4:personByCity", "personByCity"),
        ("rebuild_index", "INDEX_LABEL:-7:供应商按城市", "供应商按城市"),
        ("remove_schema", "VERTEX_LABEL:12:tmp_import_2026", "tmp_import_2026"),
        ("remove_schema", "EDGE_LABEL:3:a:b", "a:b"),
        ("create_olap", "PROPERTY_KEY:9:rank", "rank"),
        ("algorithm", "algorithm:louvain", "louvain"),
        ("computer", "computer:page_rank", "page_rank"),
        ("computer-dis", "computer-dis:page-rank", "page-rank"),
        ("computer-proxy", "computer-proxy:wcc", "wcc"),
        ("vermeer-task:load", "vermeer-task:load:nightly", "nightly"),
    ],
)
def test_what_only_a_program_needs_is_left_out(type: str, name: str, shown: str) -> None:
    assert readable_name(task(1, type=type, name=name)) == shown
    assert shown in name, "a filter by the name must find what is shown"


@pytest.mark.parametrize(
    ("type", "name"),
    [
        ("gremlin", ""),
        ("gremlin", "g.V().has('label', 'a:b').count()"),
        ("gremlin", "//"),
        ("gremlin", "//\n// below"),
        ("gremlin", "/* all */ g.V().count()"),
        ("gremlin", "/* a long story\nover two lines */"),
        ("gremlin", "/*/"),
        ("gremlin", "/****/"),
        ("gremlin", "/graphs/x"),
        ("gremlin", "gremlin"),
        ("algorithm", "algorithm:"),
        ("algorithm", "algorithms:louvain"),
        ("", ":louvain"),
        ("rebuild_index", "INDEX_LABEL:4:"),
        ("rebuild_index", "INDEX_LABEL:four:personByCity"),
        ("job", "HTTP:80:x"),
        ("GraphManagement", "ImportGraph"),
    ],
)
def test_any_other_name_is_shown_whole(type: str, name: str) -> None:
    assert readable_name(task(1, type=type, name=name)) == name


@pytest.mark.parametrize("sign", ["*", " ", "/", "\t", "* "])
@pytest.mark.parametrize("start", ["/*", "//", "/* x"])
@pytest.mark.timeout(10)
def test_a_long_line_of_one_sign_takes_no_longer_than_others(start: str, sign: str) -> None:
    name = f"{start}{sign * 20_000}x\ng.V()"
    assert readable_name(task(1, type="gremlin", name=name)) in name


@pytest.mark.parametrize("most", [1, 2, 4_096])
def test_names_are_ordered_as_they_are_shown_however_often_they_come(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(task_name, "_SORT_KEYS_MOST", most)
    monkeypatch.setattr(task_name, "_sort_keys", {})
    long = f"// {'Ä' * 300}"
    rows = [
        task(1, type=kind, name=name)
        for name in ("algorithm:Louvain", "INDEX_LABEL:4:byCity", "// B", long)
        for kind in ("algorithm", "gremlin")
    ]
    for row in rows + rows:
        assert name_sort_key(row) == readable_name(row).casefold()
    assert len(task_name._sort_keys) <= most
    assert long not in task_name._sort_keys
