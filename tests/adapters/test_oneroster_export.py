"""The OneRoster target: file and record never contradict each other for long, and never is there half a file."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from roster_core.adapters.loading import load
from roster_core.adapters.oneroster_export import OneRosterTarget
from roster_core.adapters.oneroster_tables import oneroster_zip
from roster_core.adapters.store import Store, open_store
from roster_core.commit import Receipt, commit_plan
from roster_core.errors import InputError, Refusal, ServiceError
from roster_core.plan import CommitPlan, plan_commit
from roster_core.preflight import PreflightReport
from tests.adapters.committing import HOMEROOMS, NOW, a_receipt, a_roster
from tests.databases import put_migrated
from tests.processes import start


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The app's own store."""
    opened = open_store(put_migrated(tmp_path / "var" / "roster.sqlite3"))
    yield opened
    opened.close()


@pytest.fixture
def target(store: Store, tmp_path: Path) -> OneRosterTarget:
    """A target that writes out.zip."""
    return OneRosterTarget(store, tmp_path / "out.zip")


def a_plan(target: OneRosterTarget, seed: int = 7, students: int = 60) -> CommitPlan:
    """A plan of a made-up district against what was written last."""
    current = target.current("d1")
    return plan_commit(a_roster(students, seed), HOMEROOMS, district_id="d1", target=target.name, current=current)


def commit(plan: CommitPlan, target: OneRosterTarget) -> Receipt:
    """Commits a plan as the pages do, its preflight clean and any hold approved."""
    clean = PreflightReport(plan.digest, pd.DataFrame({"code": [], "severity": []}))
    return commit_plan(plan, clean, target, actor="dana", approval="new school year", now=NOW)


def test_it_says_where_a_roster_went(target: OneRosterTarget, store: Store, tmp_path: Path) -> None:
    """File and record agree, only this user may read the file, and nothing else is left in the folder."""
    receipt = commit(a_plan(target), target)
    assert (receipt.target, receipt.where) == ("oneroster", "written to a OneRoster file, not yet in SELweb")
    assert store.ledger.current_receipts("d1") == [receipt]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.zip", "var"]
    assert os.name == "nt" or (tmp_path / "out.zip").stat().st_mode & 0o777 == 0o600


def test_a_repeated_commit_writes_only_a_file_that_is_missing(target: OneRosterTarget, tmp_path: Path) -> None:
    """The receipt that exists is given; a file that was deleted or is another one is written again, a right one not."""
    file = tmp_path / "out.zip"
    plan = a_plan(target)
    receipt = commit(plan, target)
    before = file.stat()
    assert commit(plan, target) == receipt and file.stat().st_mtime_ns == before.st_mtime_ns
    content = file.read_bytes()
    for spoilt in (None, b"", b"half a zip", oneroster_zip(replace(receipt, digest="0" * 64), plan.rows)):
        file.unlink() if spoilt is None else file.write_bytes(spoilt)
        assert commit(a_plan(target), target) == receipt
        assert file.read_bytes() == content


def test_the_same_roster_goes_to_another_file_too(target: OneRosterTarget, store: Store, tmp_path: Path) -> None:
    """What is current counts for the district, whatever the file; the receipt stays one."""
    receipt = commit(a_plan(target), target)
    other = OneRosterTarget(store, tmp_path / "other.zip")
    assert commit(a_plan(other), other) == receipt
    assert (tmp_path / "other.zip").read_bytes() == (tmp_path / "out.zip").read_bytes()


def test_a_replaced_roster_does_not_come_back_by_asking(target: OneRosterTarget, tmp_path: Path) -> None:
    """Its receipt is given, and the file keeps the roster in force."""
    plan = a_plan(target, 1)
    first = commit(plan, target)
    commit(a_plan(target, 2), target)
    content = (tmp_path / "out.zip").read_bytes()
    assert commit(plan, target) == first and (tmp_path / "out.zip").read_bytes() == content


def test_a_refused_commit_leaves_the_file_alone(target: OneRosterTarget, tmp_path: Path) -> None:
    """What the record does not take is not written, and nothing is left beside it."""
    stale = a_plan(target, 1)
    commit(a_plan(target, 2), target)
    content = (tmp_path / "out.zip").read_bytes()
    with pytest.raises(Refusal):
        target.commit(target.stage(stale), stale, a_receipt(stale))
    assert (tmp_path / "out.zip").read_bytes() == content
    assert not list(tmp_path.glob(".out.zip.*"))


def test_places_where_no_file_can_be_are_named_before_anything_is_done(
    store: Store, tmp_path: Path, target: OneRosterTarget
) -> None:
    """A folder, a folder that is not there, and a school id with a comma are told, and nothing is recorded."""
    with pytest.raises(InputError, match=r"is a folder\. Name a file"):
        commit(a_plan(target), OneRosterTarget(store, tmp_path))
    with pytest.raises(InputError, match="There is no folder"):
        commit(a_plan(target), OneRosterTarget(store, tmp_path / "gone" / "out.zip"))
    plan = a_plan(target)
    with pytest.raises(InputError, match="School id 'A,B' holds a comma"):
        target.stage(replace(plan, rows=plan.rows.assign(school_id="A,B")))
    with pytest.raises(InputError, match="made for 'embedded'"):
        target.stage(replace(plan, target="embedded"))
    with pytest.raises(InputError, match="not the plan that was staged"):
        target.commit("another", plan, a_receipt(plan))
    assert store.ledger.receipts() == []


def test_a_file_that_cannot_be_put_in_place_is_said_to_be_missing(store: Store, tmp_path: Path) -> None:
    """The roster is recorded, the message says what to do, and doing it writes the file."""
    target = OneRosterTarget(store, tmp_path / "out.zip")
    plan = a_plan(target)
    stage_id = target.stage(plan)
    (tmp_path / "out.zip").mkdir()
    with pytest.raises(ServiceError, match=r"recorded, but .*out\.zip cannot be written.* only the file is written"):
        target.commit(stage_id, plan, a_receipt(plan))
    assert not list(tmp_path.glob(".out.zip.*"))
    (tmp_path / "out.zip").rmdir()
    assert commit(plan, target).digest == plan.digest
    assert len(load(tmp_path / "out.zip", now=NOW).students) == len(plan.rows)


def commit_and_die(database: str, file: str, where: str) -> None:
    """Commits the second roster; kills its own process where the named step begins."""
    store = open_store(database)
    target = OneRosterTarget(store, Path(file))
    plan = a_plan(target, 2)
    setattr(store.ledger if where == "commit" else target, where, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    commit(plan, target)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(("where", "is_new"), [("_write_beside", False), ("commit", False), ("_put_in_place", True)])
def test_a_process_killed_at_each_step_leaves_a_whole_file(
    target: OneRosterTarget, store: Store, tmp_path: Path, where: str, is_new: bool
) -> None:
    """The file is the old one, whole; the record is the old or the new; the same commit again completes both."""
    old = commit(a_plan(target, 1), target)
    plan, before = a_plan(target, 2), (tmp_path / "out.zip").read_bytes()
    arguments = (f"sqlite:///{tmp_path / 'var' / 'roster.sqlite3'}", str(tmp_path / "out.zip"), where)
    process = start(commit_and_die, *arguments)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert (tmp_path / "out.zip").read_bytes() == before
    assert (target.current("d1").receipt_id != old.receipt_id) == is_new
    receipt = commit(plan, target)
    assert (tmp_path / "out.zip").read_bytes() == oneroster_zip(receipt, plan.rows)
    assert store.ledger.current_receipts("d1") == [receipt] and len(store.ledger.receipts()) == 2


def test_what_a_killed_process_left_is_deleted_in_time(target: OneRosterTarget, tmp_path: Path) -> None:
    """An hour later the next writing takes it away; a younger one may still be in use."""
    young, old = tmp_path / ".out.zip.a.part", tmp_path / ".out.zip.b.part"
    for left in (young, old):
        left.write_bytes(b"children's data")
    os.utime(old, (0, 0))
    commit(a_plan(target), target)
    assert young.exists() and not old.exists()
