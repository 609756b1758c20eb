"""Plans, receipts and kills that several tests of the ledger need."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from itertools import count
from multiprocessing.synchronize import Event
from threading import Barrier, Thread

from sqlalchemy import Engine, event

from roster_core.adapters.store import Note, Store, ledger, open_store
from roster_core.adapters.store.notes import keep_note
from roster_core.commit import Receipt
from roster_core.plan import CommitPlan, plan_commit
from roster_core.roster import Roster
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.sample import sample_district

NOW = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)

#: Rules under which nearly every student of the made-up district is rostered.
HOMEROOMS = RuleSet(
    name="Homerooms", rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom", "HR", "Advisory")),)),)
)

_sample = cache(sample_district)


def a_roster(students: int = 60, seed: int = 7) -> Roster:
    """A made-up district, made once for each size and seed."""
    return _sample(students, seed)


def a_plan(
    store: Store, *, students: int = 60, seed: int = 7, district_id: str = "d1", rule_set: RuleSet | None = None
) -> CommitPlan:
    """A plan of a made-up district against what the store has as current for the embedded target."""
    current = store.ledger.current(district_id, "embedded")
    return plan_commit(a_roster(students, seed), rule_set or HOMEROOMS, district_id=district_id, current=current)


def a_receipt(plan: CommitPlan, *, by: str = "dana", now: datetime = NOW) -> Receipt:
    """The receipt that goes with a plan."""
    return Receipt(
        receipt_id=f"R-{plan.digest[:12]}",
        digest=plan.digest,
        district_id=plan.district_id,
        district_name=plan.district_name,
        target=plan.target,
        where="recorded here, not yet in SELweb",
        committed_at=now.isoformat(),
        committed_by=by,
        students=len(plan.rows),
        added=len(plan.added),
        moved=len(plan.moved),
        updated=len(plan.updated),
        removed=len(plan.removed),
        fingerprint=plan.fingerprint,
        rule_set_json=plan.rule_set_json,
        approval="",
        previous_receipt_id=plan.current_receipt_id,
        kind=plan.kind,
    )


def a_note(store: Store, text: str, district_id: str = "d1", *, now: datetime = NOW) -> Note:
    """A note that somebody wrote, as an approval keeps its reason."""
    with store._database.write() as connection:
        note_id = keep_note(connection, district_id, text, actor="dana", now=now)
    return next(note for note in store.notes.list(district_id) if note.id == note_id)


def commit_and_die(url: str, students: int, seed: int, step: int, started: Event | None = None) -> None:
    """Opens the store and commits; kills its own process at that step of the commit, counted from 1.

    The last step is when the commit is done and nobody has been told. `started` is set when the commit begins.
    """
    # Several batches, so that some kills fall between the rows.
    ledger._BATCH_ROWS = max(1, students // 4)
    store = open_store(url)
    plan = a_plan(store, students=students, seed=seed)
    receipt = a_receipt(plan)
    reached = _die_at(step)
    if started is not None:
        started.set()
    store.ledger.commit(plan, receipt)
    reached()
    store.close()


def open_and_die(url: str, step: int) -> None:
    """Opens a store; kills its own process at that step of the opening, counted from 1."""
    # After a statement the database is as it is before the next, and the migrations have many.
    _die_at(step, ("begin", "before_cursor_execute", "commit"))
    open_store(url).close()


def _die_at(
    step: int, moments: tuple[str, ...] = ("begin", "before_cursor_execute", "after_cursor_execute", "commit")
) -> Callable[..., None]:
    steps = count(1)

    def reached(*_details: object) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in moments:
        event.listen(Engine, name, reached)
    return reached


def outcomes_of(*actions: Callable[[], object]) -> list[object]:
    """What each action gave or raised, all of them begun at the same moment in threads."""
    barrier = Barrier(len(actions))
    outcomes: list[object] = [None] * len(actions)

    def run(place: int, action: Callable[[], object]) -> None:
        barrier.wait()
        try:
            outcomes[place] = action()
        except Exception as error:  # an outcome like any other; the test says which it expects
            outcomes[place] = error

    threads = [Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
