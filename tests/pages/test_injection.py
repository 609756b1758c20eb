"""Names that are Markdown, HTML, formulas or directives are shown as written on every page, and do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from roster_core.adapters.store import Store
from roster_core.plan import plan_commit
from roster_core.roster import District
from roster_core.rules import Condition, Example, Rule, RuleSet
from roster_core.settings import Profile
from tests.adapters.committing import a_receipt
from tests.builders import district
from tests.pages.conftest import ROOT, Open

PAGES = sorted(file.stem for file in (ROOT / "pages").glob("*.py"))
EVIL = (
    "[q](http://evil.example) ![q](http://evil.example/p.png) **q** `q` <img src=x onerror=q> $q$ "
    ":material/bolt: :red[q] :smile: ~~q~~ # q | q"
)
#: What would be more than text if it stood so in Markdown.
MARKS = ("[q](", "![q]", "**q**", "`q`", "<img src=x", "$q$", ":material/bolt:", ":red[q]", ":smile:", "~~q~~")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
RULES = RuleSet(
    name=f"Rules {EVIL}",
    rules=(Rule("keep", (Condition("section_name", "contains", (f"Homeroom {EVIL}", "Math")),), note=EVIL),),
    examples=(Example(f"Homeroom {EVIL}", "keep"),),
)


@pytest.fixture
def evil(store: Store) -> Store:
    """A store with a district in which every text is hostile, in two sections a student."""
    roster = district(
        about=District(id="d1", name=f"District {EVIL}", state="running", error=EVIL),
        changed={
            "h1": {"section_name": f"Homeroom {EVIL}", "subject": EVIL, "period": EVIL},
            "m1": {"section_name": "Math"},
            "A": {"school_name": f"School {EVIL}"},
            "c1": {"course_name": f"Course {EVIL}"},
            "y": {"term_name": f"Year {EVIL}"},
            "t1": {"last_name": f"Teacher {EVIL}"},
            "u1": {"first_name": f"First {EVIL}", "last_name": f"Last {EVIL}", "student_number": EVIL},
        },
    )
    store.rosters.save(roster)
    store.districts.save("d1", name=f"District {EVIL}", source="file", now=NOW)
    store.rule_sets.save_draft("d1", RULES.to_json(), expected_revision=0, actor=f"Ada {EVIL}", now=NOW)
    store.rule_sets.save("d1", RULES, expected_version=0, actor=f"Ada {EVIL}", now=NOW)
    return store


def _markdown(page: AppTest) -> Iterator[str]:
    """Every text that the browser reads as Markdown: of texts, and the labels and helps of widgets."""
    for kind in ("title", "header", "subheader", "markdown", "caption", "success", "error", "warning", "info", "toast"):
        yield from (element.value for element in page.get(kind))
    widgets = "button checkbox toggle selectbox multiselect text_input text_area radio metric expander tab date_input"
    for kind in (*widgets.split(), "number_input", "download_button", "button_group"):
        for element in page.get(kind):
            yield getattr(element, "label", "") or ""
            yield getattr(element, "help", "") or ""


def _escaped_away(text: str) -> str:
    """The text without what a backslash made harmless."""
    parts = text.split("\\")
    return parts[0] + "".join("·" + part[1:] for part in parts[1:])


@pytest.mark.parametrize("name", PAGES)
def test_no_text_of_a_district_does_anything_on_a_page(name: str, open_page: Open, evil: Store) -> None:
    """Links, pictures, HTML, formulas, icons and colours in names stay letters, wherever a page shows them."""
    page = open_page(name, district="d1")
    if name == "students":
        search = [box for box in page.text_input if box.label.startswith("Find a student")]
        page = search[0].set_value("Last").run()
    assert not page.exception
    seen = [_escaped_away(text) for text in _markdown(page)]
    assert [text for text in seen if any(mark in text for mark in MARKS)] == []
    assert any("evil" in text for text in _markdown(page)), "the page shows none of the hostile texts"


def test_the_name_of_a_district_does_nothing_where_it_is_restored(open_page: Open, evil: Store) -> None:
    """The button that makes an earlier roster the one in force again shows the name as written."""
    roster = evil.rosters.load(evil.rosters.latest("d1").fingerprint, "d1")
    for rule_set in (RULES, replace(RULES, name="Others")):
        current = evil.ledger.current("d1", "embedded")
        plan = plan_commit(roster, rule_set, district_id="d1", current=current, profile=Profile(required=()))
        evil.ledger.commit(plan, a_receipt(plan))
    earlier = evil.ledger.receipts("d1")[1].receipt_id
    page = open_page("commit", district="d1")
    page.button(key=f"restore_{earlier}").click().run()
    label = page.button(key="restore_now").label
    assert "evil" in label and [mark for mark in MARKS if mark in _escaped_away(label)] == []
