"""The tables of the history, by version; `PRAGMA user_version` says which a file has.

Times are epoch milliseconds (UTC). A task is told from others by its place, its id and its creation: a server
gives ids again after a graph was cleared. Status words are the values of `TaskStatus`.
"""

from __future__ import annotations

SCHEMA_VERSION = 1

UNKNOWN_CREATION = -1
"""What stands in `task.created` where the server doesn't tell, as NULLs never equal each other."""

FIRST_PRAGMAS = ("PRAGMA auto_vacuum = INCREMENTAL",)
"""What must be set before the first table is made."""

MIGRATIONS: dict[int, tuple[str, ...]] = {
    0: (
        """
        CREATE TABLE place (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            profile TEXT NOT NULL,
            url TEXT NOT NULL,
            dialect TEXT NOT NULL,
            graphspace TEXT,
            graph TEXT NOT NULL,
            project TEXT
        )
        """,
        # All that is of one kind in one place; `graph` is '' where the list is of one graph.
        """
        CREATE TABLE kind (
            id INTEGER PRIMARY KEY,
            place INTEGER NOT NULL REFERENCES place,
            type TEXT NOT NULL,
            graph TEXT NOT NULL,
            pattern TEXT NOT NULL,
            UNIQUE (place, type, graph, pattern)
        )
        """,
        "CREATE TABLE fingerprint (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
        # `moment` is the latest time that the server told of it, or when it was first seen where it told
        # none: by it the history is sorted, and pruned.
        """
        CREATE TABLE task (
            id INTEGER PRIMARY KEY,
            place INTEGER NOT NULL REFERENCES place,
            task_id TEXT NOT NULL,
            created INTEGER NOT NULL,
            kind INTEGER NOT NULL REFERENCES kind,
            name TEXT NOT NULL,
            status TEXT NOT NULL,
            raw_status TEXT NOT NULL,
            updated INTEGER,
            progress INTEGER,
            retries INTEGER NOT NULL,
            server TEXT,
            headline TEXT,
            fingerprint INTEGER REFERENCES fingerprint,
            waited INTEGER,
            ran INTEGER,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            gone INTEGER,
            moment INTEGER NOT NULL
        )
        """,
        "CREATE UNIQUE INDEX task_identity ON task (place, task_id, created)",
        "CREATE INDEX task_moment ON task (moment)",
        "CREATE INDEX task_kind ON task (kind, moment, status, created, updated, waited, ran)",
        # `number` counts the transitions of a task from 0.
        """
        CREATE TABLE transition (
            task INTEGER NOT NULL REFERENCES task,
            number INTEGER NOT NULL,
            status TEXT NOT NULL,
            raw_status TEXT NOT NULL,
            retries INTEGER NOT NULL,
            at INTEGER,
            seen INTEGER NOT NULL,
            unwatched_since INTEGER,
            PRIMARY KEY (task, number)
        ) WITHOUT ROWID
        """,
        # One row for each graphtop and time in which it watched without a gap; `ended` moves on meanwhile.
        """
        CREATE TABLE watch (
            id INTEGER PRIMARY KEY,
            place INTEGER NOT NULL REFERENCES place,
            began INTEGER NOT NULL,
            ended INTEGER NOT NULL
        )
        """,
        "CREATE INDEX watch_place ON watch (place, began, ended)",
        # `pruned_until`: finished tasks whose moment is before it are no longer kept.
        "CREATE TABLE note (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    ),
}
"""The statements that lead from each version to the next one."""
