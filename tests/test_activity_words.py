"""What was done, in words a person outside the team understands."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from roster_core.activity import ActivityEntry
from roster_core.activity_words import DEEDS, KINDS, kind_of, sentence
from tests.source_tree import ROOT, sources, tree


def said(action: str, detail: Mapping[str, object]) -> str:
    """The sentence of an entry."""
    return sentence(ActivityEntry(1, datetime(2026, 11, 3, tzinfo=UTC), "dana", "d1", action, dict(detail)))


PRINT = "5fc0ffee5fc0ffee"
COMMIT = {"receipt_id": "R-1", "fingerprint": PRINT, "students": 1, "rules_version": 2}
LOADED = {"fingerprint": PRINT, "source": "clever", "students": 2000, "sections": 1}
PURGED = {"before": "2026-01-02T00:00:00", "rosters": 1, "rows": 20, "receipts": 2}

SENTENCES = [
    ("pull", {"fingerprint": PRINT}, "Loaded roster 5fc0ffee5fc0."),
    ("load-roster", LOADED, "Loaded roster 5fc0ffee5fc0 from Clever: 2,000 students, 1 section."),
    (
        "load-roster",
        {**LOADED, "withheld": 400},
        "Loaded roster 5fc0ffee5fc0 from Clever: 2,000 students, 1 section. 400 students outside the scope kept "
        "without names.",
    ),
    ("load-roster", {"source": "sample", "students": 1}, "Loaded a roster made up here: 1 student."),
    ("save-rule-set", {"version": 3}, "Saved the rules as version 3."),
    (
        "save-rule-set",
        {"version": 3, "fingerprint": PRINT},
        "Saved the rules as version 3, working on roster 5fc0ffee5fc0.",
    ),
    (
        "preflight",
        {"fingerprint": PRINT, "blockers": 1},
        "Checked roster 5fc0ffee5fc0 under rules that were not saved: 1 blocker.",
    ),
    (
        "preflight",
        {"fingerprint": PRINT, "rules_version": 1, "blockers": 0},
        "Checked roster 5fc0ffee5fc0 under rules version 1: ready.",
    ),
    ("commit", COMMIT, "Committed 1 student of roster 5fc0ffee5fc0 under rules version 2: receipt R-1."),
    (
        "restore",
        {**COMMIT, "students": 9, "added": 4, "removed": 1, "approval_hash": "ab"},
        "Restored 9 students (4 new, 1 removed) of roster 5fc0ffee5fc0 under rules version 2: receipt R-1. "
        "A large change, approved with a reason.",
    ),
    (
        "download",
        {"file": "students", "rows": 12, "names": True},
        "Downloaded a list of students, 12 rows, with names.",
    ),
    ("download", {"file": "preflight", "names": False}, "Downloaded the preflight's findings, without names."),
    (
        "download-rows",
        {"receipt": "R-1", "rows": 9, "as": "csv"},
        "Downloaded the committed roster of receipt R-1 as CSV, 9 rows, with names.",
    ),
    ("purge", PURGED, "Purged what was older than 2026-01-02: 1 roster, 20 rows of 2 receipts deleted."),
    ("purge", {**PURGED, "rosters": 0, "rows": 0}, "Purged what was older than 2026-01-02: nothing deleted."),
    ("tick-step", {"step": "connected"}, "Ticked the step “requested to connect”."),
    ("tick-step", {"step": "connected", "note_hash": "a" * 64},
     "Ticked the step “requested to connect”, with a note."),
    ("answer-request", {"kind": "sharing", "outcome": "partly"},
     "Wrote down the answer to the request for data sharing: partly."),
    ("approve-moves", {"receipt_id": "R-1", "students": 2, "student_ids": ["u1", "u2"]},
     "Approved the moves and removals of 2 students in an open window, against receipt R-1."),
    ("link-district", {"from": "elm"}, "Took over what was kept under the name elm."),
    ("link-district", {"to": "5f3a"}, "Linked with the district 5f3a, which took over what was kept here."),
    ("start-window", {"window": 2}, "Started window 2."),
    ("count-sheep", {"field": "green", "due": ""}, "Count sheep: field green."),
    ("something-new", {}, "Something new."),
]


@pytest.mark.parametrize(("action", "detail", "words"), SENTENCES, ids=[action for action, _, _ in SENTENCES])
def test_each_action_is_a_sentence(action: str, detail: dict[str, object], words: str) -> None:
    """Singular and plural are right, ids are short, and what nobody described is told as it stands."""
    assert said(action, detail) == words


@pytest.mark.parametrize("action", DEEDS)
def test_every_action_can_be_told_without_its_detail(action: str) -> None:
    """An entry of another version, whose detail lacks what this one expects, still reads as a sentence."""
    assert said(action, {}).endswith(".")
    assert kind_of(action) in KINDS


def test_every_action_the_app_writes_has_its_words() -> None:
    """An action that is written somewhere and nobody gave words to is an error."""
    written = set()
    for file in sources(ROOT / "roster_core", ROOT / "pages"):
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                written |= {key.value.value for key in node.keywords if key.arg == "action" and called == "record"
                            and isinstance(key.value, ast.Constant)}  # fmt: skip
                if called.endswith(("activity.add", "services.note")) or called == "note":
                    written |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    assert len(written) > 10
    assert written - {""} <= set(DEEDS)
