"""What is made beside the page that opens a district, before anybody asks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pages.shared.services import server
from pages.shared.services.ahead import SMALL
from roster_core.adapters.store import Store
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.sample import sample_district
from tests.pages.conftest import ROOT, Open, finish_jobs
from tests.pages.test_commit import NOW

RULES = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),)),))


@pytest.mark.parametrize("students", [SMALL, SMALL + 1])
def test_a_large_district_is_made_ahead(open_page: Open, store: Store, students: int) -> None:
    """What Sections, Rules and Commit show of a large district is there before they are opened; and nobody has looked
    at a preflight yet. In a small one it is made when it is asked for."""
    store.rosters.save(sample_district(students, fetched_at=NOW))
    store.rule_sets.save_draft("sample", RULES.to_json(), expected_revision=0, actor="Bo", now=NOW)
    open_page("students")
    finish_jobs()
    held = server._rosters()._held["sample"]
    names = {key if isinstance(key, str) else key[0] for key in held.made}
    ahead = {"families", "overlaps", "twins", "odd", "likeness", "clusters", "library", "facet", "groups", "settle"}
    assert names & ahead == (ahead if students > SMALL else set())
    assert len(held.plans) == (1 if students > SMALL else 0)
    assert [entry for entry in store.activity.list() if entry.action == "preflight"] == []


def test_the_code_of_every_page_is_read_while_the_first_is_looked_at() -> None:
    """A server that has shown Districts has read what the other pages are drawn with."""
    program = """
import sys, threading
from pages.shared import warm_up
warm_up.pages()
for thread in threading.enumerate():
    if thread.name == "reading pages":
        thread.join()
print(*sys.modules)
"""
    read = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    drawn = {f"pages.shared.{file.stem}" for file in (ROOT / "pages" / "shared").glob("[a-z]*.py")}
    assert drawn <= set(read.split())
