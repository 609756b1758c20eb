"""`make bench`: how fast the app is, as a table, against the numbers to hold. Not a test: nothing here fails.

Each part runs in an interpreter of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

STUDENTS = 100_000

#: what, measured, unit, aim ("" where there is none)
Line = tuple[str, float, str, str]


def write(folder: Path) -> list[Line]:
    """Writes the district's Clever CSV; measures nothing."""
    from roster_core.sample import sample_district
    from tests.benchmarks.districts import write_clever_csv

    write_clever_csv(sample_district(STUDENTS), folder)
    return []


def load(folder: Path) -> list[Line]:
    """Loading that CSV, the memory it takes with one evaluation, and evaluating rules never seen before."""
    import roster_core
    from tests.benchmarks.districts import HABITS, unseen_rules

    seconds, roster = _timed(lambda: roster_core.load(folder))
    first, _ = _timed(lambda: roster_core.evaluate(roster, HABITS))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    again = statistics.median(_timed(lambda n=n: roster_core.evaluate(roster, unseen_rules(n)))[0] for n in range(9))
    size = f"{len(roster.students):,} students, {len(roster.enrollments):,} enrollments"
    return [
        (f"load from Clever CSV ({size})", seconds, "s", "under 5 s"),
        ("  peak memory, loaded and evaluated", memory, "MiB", "under 1,024 MiB"),
        ("evaluate, the first time (reads the names)", first * 1000, "ms", ""),
        ("evaluate, a rule set never seen before", again * 1000, "ms", "under 20 ms"),
    ]


def deliver(folder: Path) -> list[Line]:
    """Preflight of the district, and its commit into SQLite once the planted faults are excused."""
    from roster_core import plan_commit, run_preflight
    from roster_core.adapters.selweb import EmbeddedTarget
    from roster_core.adapters.store import open_store
    from roster_core.commit import commit_plan
    from roster_core.rules import Pin
    from roster_core.sample import sample_district
    from tests.benchmarks.districts import HABITS

    roster = sample_district(STUDENTS)
    seconds, found = _timed(lambda: run_preflight(roster, HABITS, fresh=True))
    stopped = dict.fromkeys(i for f in found.findings if f.severity == "blocker" for i in f.student_ids)
    rules = HABITS.with_pins(*(Pin(student_id, None, "not_assessed") for student_id in stopped))
    store = open_store(f"sqlite:///{folder / 'bench.sqlite3'}")
    plan = plan_commit(roster, rules, district_id="bench")
    report = run_preflight(roster, rules, plan=plan, fresh=True)
    # What still blocks concerns sections, not students; it is measured, not judged, here.
    blocked = {f.code: "warning" for f in report.findings if f.severity == "blocker"}
    if blocked:
        from roster_core.settings import Profile

        report = run_preflight(roster, rules, plan=plan, fresh=True, profile=Profile(severities=blocked))
    moment = datetime.now(UTC)
    committed, _ = _timed(lambda: commit_plan(plan, report, EmbeddedTarget(store), now=moment))
    store.close()
    return [
        (f"preflight ({len(found.findings):,} findings)", seconds, "s", "under 2 s"),
        (f"commit of {len(plan.rows):,} rows into SQLite", committed, "s", "under 10 s"),
    ]


def suggest(folder: Path) -> list[Line]:
    """Rule sets for a district nobody has looked at yet."""
    from roster_core import sample_district, suggest_rules

    roster = sample_district(STUDENTS)
    seconds, found = _timed(lambda: suggest_rules(roster))
    best = max(suggestion.one for suggestion in found)
    return [(f"suggest (best: {best:,} in exactly one)", seconds, "s", "under 10 s")]


def rivals(folder: Path) -> list[Line]:
    """Evaluating a never seen two-rule set over a million students, beside Polars, DuckDB and pandas."""
    from tests.benchmarks.districts import million, unseen_rules
    from tests.benchmarks.rivals import contenders

    roster = million()
    distinct = roster.sections["section_name"].nunique() / len(roster.sections)
    asked = contenders(roster)
    answers = {name: ask(unseen_rules(0)) for name, ask in asked.items()}
    if len(set(answers.values())) != 1:
        raise AssertionError(f"the contenders disagree: {answers}")
    taken = {name: statistics.median(_timed(lambda a=ask, n=n: a(unseen_rules(n)))[0] for n in range(1, 8))
             for name, ask in asked.items()}  # fmt: skip
    ours = taken.pop("evaluate")
    lead = min(taken.values()) / ours
    size = f"{len(roster.students):,} students, {len(roster.enrollments):,} enrollments, {distinct:.0%} distinct names"
    lines: list[Line] = [(f"evaluate ({size})", ours * 1000, "ms", "")]
    lines += [(f"  {name} doing the same", seconds * 1000, "ms", "") for name, seconds in taken.items()]
    return [*lines, ("  evaluate is faster than the fastest of them", lead, "times", "over 3 times")]


def browser(folder: Path) -> list[Line]:
    """From a changed rule to the repainted number, in Chromium, beside a page of one input and one number."""
    from tests.browser.latency import repaint_seconds

    ours, bare = repaint_seconds(STUDENTS)
    return [
        ("changed rule to repainted number in Chromium, after the pause in typing", ours, "s", "under 0.3 s"),
        ("  a page that holds one input and one number, the same way", bare, "s", ""),
        ("  with Streamlit's pause of 0.25 s in both, times as long", (ours + 0.25) / (bare + 0.25), "times",
         "within 2.5 times"),
    ]  # fmt: skip


def walk(folder: Path) -> list[Line]:
    """Whatever somebody does on the pages, until the page stands again: the second time in this tab, and the first."""
    from tests.browser.walk import walk_seconds

    lines: list[Line] = []
    small = 2_000
    for what, ((first, second), (first_small, second_small)) in walk_seconds((STUDENTS, small)).items():
        beside = f"with {small:,} students {second_small:.2f}; first time {first:.2f} ({first_small:.2f})"
        lines.append((f"{what}, {STUDENTS:,} students", second, "s", beside))
    return lines


PARTS: dict[str, Callable[[Path], list[Line]]] = {
    part.__name__: part for part in (write, load, deliver, suggest, rivals, browser, walk)
}


def main() -> int:
    """Runs every part, or the parts named, each in its own interpreter, and prints the table as it grows."""
    named = sys.argv[1:] or list(PARTS)
    if named[0] == "--part":
        print(json.dumps(PARTS[named[1]](Path(named[2]))))
        return 0
    failed = 0
    print(f"{'':72}{'measured':>14}   aim")
    with tempfile.TemporaryDirectory(prefix="roster-bench-") as folder:
        for part in ["write", *named] if "load" in named and "write" not in named else named:
            command = [sys.executable, "-m", "tests.benchmarks.bench", "--part", part, folder]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                failed = 1
                print(f"{part}: failed, see above")
                continue
            for what, measured, unit, aim in json.loads(done.stdout.splitlines()[-1]):
                print(f"{what:<72}{measured:>10,.{1 if measured >= 10 else 2}f} {unit:<5} {aim}", flush=True)
    return failed


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


if __name__ == "__main__":
    sys.exit(main())
