"""A database of any earlier schema, with data in it, opens as today's and has lost nothing."""

from __future__ import annotations

import pandas as pd
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from roster_core.adapters.store import open_store
from roster_core.adapters.store.columns import chunks, pack
from roster_core.adapters.store.database import Database, moment_text
from roster_core.plan import ROW_COLUMNS
from roster_core.roster import FRAMES
from tests.adapters.committing import HOMEROOMS, NOW, a_plan, a_receipt, a_roster
from tests.adapters.standing import assert_sound

_config = Config()
_config.set_main_option("script_location", "roster_core.adapters.store:migrations")
_config.set_main_option("path_separator", "os")
REVISIONS = [script.revision for script in ScriptDirectory.from_config(_config).walk_revisions()][::-1]
ROSTER = a_roster(60, 1)
ROWS = [
    ("s1", "1001", "Ada", "Lane", "2017-02-03", "2", "A", "Elm", "h1", "Homeroom 1", "t1", "Tea Cher", "t2"),
    ("s2", "1002", "Ben", "O'Day", "2017-05-09", "2", "A", "Elm", "h2", "Homeroom 2", "t3", "Ms. Wu", ""),
]


def _upgrade(database: Database, revision: str) -> None:
    with database.write() as connection:
        _config.attributes["connection"] = connection
        command.upgrade(_config, revision)


def _insert(connection: Connection, table: str, **values: object) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)


def _fill(connection: Connection) -> None:
    """What the first version of the program wrote, in SQL: a district's roster, rules, draft, commits and log."""
    at = moment_text(NOW)
    rules = HOMEROOMS.to_json()
    _insert(connection, "districts", id="d1", name="Elm", source="file", state="NC", created_at=at, updated_at=at)
    _fill_roster(connection, at)
    saved = {"rule_set_json": rules, "saved_at": at, "saved_by": "ada"}
    _insert(connection, "rule_set_versions", district_id="d1", version=1, **saved)
    draft = {"rule_set_json": rules, "based_on_version": 1, "revision": 3, "edited_at": at, "edited_by": "ben"}
    _insert(connection, "drafts", district_id="d1", **draft)
    for number, previous in ((1, ""), (2, "R-1")):
        names = {"receipt_id": f"R-{number}", "digest": f"{number:064}", "district_id": "d1", "district_name": "Elm"}
        where = {"target": "embedded", "where": "recorded here", "committed_at": at, "committed_by": "ada"}
        counts = {"students": len(ROWS), "added": len(ROWS), "moved": 0, "updated": 0, "removed": 0}
        last = {"fingerprint": ROSTER.fingerprint, "rule_set_json": rules, "approval": "", "kind": "commit"}
        _insert(connection, "receipts", **names, **where, **counts, **last, previous_receipt_id=previous)
        for row in ROWS:
            _insert(connection, "rostered_rows", receipt_number=number, **dict(zip(ROW_COLUMNS, row, strict=True)))
        log = {"at": at, "actor": "ada", "district_id": "d1", "action": "commit", "detail": '{"students": 2}'}
        _insert(connection, "activity", **log)
    _insert(connection, "current_rosters", district_id="d1", target="embedded", receipt_id="R-2")


def _fill_roster(connection: Connection, at: str) -> None:
    counted = ("schools", "teachers", "sections", "students", "enrollments")
    sizes = {name: len(getattr(ROSTER, name)) for name in counted}
    told = {f"district_{name}": "" for name in ("state", "error", "pause_start", "pause_end", "last_sync")}
    held = {"district_id": "d1", "fingerprint": ROSTER.fingerprint, "source": "sample", "fetched_at": at, "saved": 1}
    _insert(connection, "rosters", **held, **told, **sizes, district_name="Elm", findings=0, size=1)
    enrolled = pd.DataFrame({"student": ROSTER.enrollments.student, "section": ROSTER.enrollments.section})
    parts = {name: getattr(ROSTER, name) for name in (*FRAMES, "findings")} | {"enrollments": enrolled}
    for part, frame in parts.items():
        for number, (data, sha256) in enumerate(chunks(pack(frame))):
            chunk = {"roster_id": 1, "part": part, "number": number, "sha256": sha256, "data": data}
            _insert(connection, "roster_chunks", **chunk)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_of_an_earlier_schema_opens_with_all_it_had(database_url: str, revision: str) -> None:
    """Filled as the first version did and brought so far then, it opens as today's: all is read, and work goes on."""
    database = Database(database_url)
    database.use_write_ahead_log()
    _upgrade(database, REVISIONS[0])
    with database.write() as connection:
        _fill(connection)
    _upgrade(database, revision)
    database.close()

    store = open_store(database_url)
    assert [(each.id, each.name, each.state) for each in store.districts.list()] == [("d1", "Elm", "NC")]
    assert store.rosters.load(ROSTER.fingerprint, "d1").fingerprint == ROSTER.fingerprint
    assert [each.version for each in store.rule_sets.versions("d1")] == [1]
    assert store.rule_sets.get("d1").rule_set == HOMEROOMS
    assert store.rule_sets.draft("d1").revision == 3
    assert [each.receipt_id for each in store.ledger.receipts("d1")] == ["R-2", "R-1"]
    current = store.ledger.current("d1", "embedded")
    assert current.receipt_id == "R-2"
    assert [tuple(row) for row in current.rows.itertuples(index=False)] == ROWS
    assert [entry.action for entry in store.activity.list("d1")] == ["commit", "commit"]
    assert_sound(store)
    plan = a_plan(store, seed=2)
    store.ledger.commit(plan, a_receipt(plan))
    assert_sound(store)
    store.close()


def test_who_made_rules_before_they_were_kept_as_several_is_still_known(database_url: str) -> None:
    """An approval keeps its author; of drafts and versions it is who edited or saved them last."""
    database = Database(database_url)
    database.use_write_ahead_log()
    _upgrade(database, REVISIONS[0])
    with database.write() as connection:
        _fill(connection)
    _upgrade(database, "0013")
    with database.write() as connection:
        asked = {"asked_by": "ada", "asked_at": moment_text(NOW), "approved_by": "", "approved_at": "", "reason": ""}
        for digest, author in (("aa", "ada"), ("bb", "")):
            _insert(connection, "approvals", district_id="d1", digest=digest, author=author, **asked)
    database.close()

    store = open_store(database_url)
    assert [store.approvals.get("d1", digest).authors for digest in ("aa", "bb")] == [("ada",), ()]
    assert store.rule_sets.authors_of("d1", HOMEROOMS.to_json()) == ("ada",)
    store.close()
