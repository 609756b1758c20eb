"""The rules page: two rule sets compared, and suggestions tried and compared."""

from __future__ import annotations

import io

import pandas as pd
from streamlit.testing.v1 import AppTest

from pages.shared import downloads, rule_differences
from roster_core.adapters.store import Store
from roster_core.compare import compare
from roster_core.coverage import evaluate
from roster_core.rules import RuleSet
from roster_core.sample import sample_district
from roster_core.sharing import sharing_request
from tests.pages.conftest import Open, finish_jobs, told
from tests.pages.rules_page import ADVISORY, HOMEROOM, NO_MTSS, NOW, draft, opened


def comparing(page: AppTest) -> AppTest:
    """The page with its comparison opened."""
    page.session_state["sample:compare"] = True
    return page.run()


def proposals(open_page: Open, store: Store) -> AppTest:
    """The page of a fresh district once its suggestions are found."""
    store.rule_sets.save_draft("sample", RuleSet().to_json(), expected_revision=0, actor="x", now=NOW)
    page = open_page("rules")
    finish_jobs()
    return page.run()


class TestComparing:
    """Draft, versions and suggestions side by side."""

    def test_without_another_side_it_says_what_to_do(self, open_page: Open, store: Store) -> None:
        """A draft alone has nothing to be compared with."""
        assert "There is only the draft" in told(comparing(opened(open_page, store, HOMEROOM)))

    def test_the_draft_is_compared_with_the_saved_rules(self, open_page: Open, store: Store) -> None:
        """Two columns of numbers are those of `evaluate`, and the students newly in one are listed without names."""
        page = opened(open_page, store, HOMEROOM, ADVISORY)
        store.rule_sets.save("sample", RuleSet(rules=(HOMEROOM,)), expected_version=0, actor="local user", now=NOW)
        page = comparing(page)
        assert not page.exception
        assert "| In exactly one |" in told(page)
        assert "newly in exactly one" in told(page)
        listed = next(frame.value for frame in page.dataframe if "student_number" in frame.value)
        assert len(listed) and "first_name" not in listed
        page.radio(key="sample:compare:panel:by").set_value("school").run()
        assert [frame for frame in page.dataframe if {"school_name", "gained"} <= set(frame.value)]

    def test_a_what_if_becomes_a_request(self, open_page: Open, store: Store) -> None:
        """From the saved rules to the draft: what the district shares by the one is what it shares now."""
        page = opened(open_page, store, HOMEROOM, ADVISORY)
        store.rule_sets.save("sample", RuleSet(rules=(HOMEROOM,)), expected_version=0, actor="local user", now=NOW)
        page = comparing(page)
        page.toggle(key="sample:compare:request").set_value(True).run()
        before, after = (RuleSet(rules=rules) for rules in ((HOMEROOM,), (HOMEROOM, ADVISORY)))
        roster = sample_district()
        asked = sharing_request(roster, after, instead_of=before)
        assert asked.sections_before < asked.sections_after
        assert f"| Sections shared | {asked.sections_before:,} | {asked.sections_after:,} |" in told(page)

    def test_any_two_versions_are_compared(self, open_page: Open, store: Store) -> None:
        """Versions are chosen on both sides; a set against itself changes nothing."""
        page = opened(open_page, store, ADVISORY)
        for version, rule in enumerate((HOMEROOM, NO_MTSS)):
            store.rule_sets.save("sample", RuleSet(rules=(rule,)), expected_version=version, actor="x", now=NOW)
        page = comparing(page)
        page.selectbox(key="sample:compare:after").set_value("Saved v1").run()
        assert page.selectbox(key="sample:compare:before").value == "Saved v2"
        page.selectbox(key="sample:compare:before").set_value("Saved v1").run()
        assert "Nothing changes" in told(page)

    def test_names_come_only_when_revealed(self) -> None:
        """A list has the student number, and names only on request."""
        roster = sample_district(students=300)
        pair = [evaluate(roster, RuleSet(rules=rules)) for rules in ((HOMEROOM,), (HOMEROOM, ADVISORY))]
        comparison = compare(*pair)
        listed = comparison.students("gained")
        with_numbers = rule_differences.with_numbers(comparison, listed, names=False)
        assert list(with_numbers.columns[:3]) == ["student_id", "student_number", "grade"]
        known = roster.students.set_index("student_id")["student_number"]
        assert with_numbers["student_number"].to_list() == known[with_numbers["student_id"]].to_list()
        assert "last_name" in rule_differences.with_numbers(comparison, listed, names=True)

    def test_no_cell_of_a_download_acts_as_a_formula(self) -> None:
        """A section named like a formula comes as text."""
        text = downloads.csv_text(pd.DataFrame({"section_name": ["=1+1", "HR"]}))
        assert pd.read_csv(io.StringIO(text))["Section"].to_list() == ["'=1+1", "HR"]


class TestSuggestions:
    """Candidates are tried and compared."""

    def test_a_suggestion_is_compared_with_the_draft(self, open_page: Open, store: Store) -> None:
        """Compare shows both columns in the suggestion's card, and hides them again."""
        page = proposals(open_page, store)
        page.button(key="sample:suggest:compare:1").click().run()
        assert not page.exception
        assert "| Draft | Suggestion 1 |" in told(page)
        page.button(key="sample:suggest:compare:1").click().run()
        assert "| In exactly one |" not in told(page)
        assert draft(store) == RuleSet()

    def test_another_is_tried_and_then_compared(self, open_page: Open, store: Store) -> None:
        """Try makes it the draft; the suggestions stay in the comparison; undo gives the draft back."""
        page = proposals(open_page, store)
        page.button(key="sample:suggest:others").click().run()
        page.button(key="sample:suggest:use:2").click().run()
        assert draft(store).rules
        page = comparing(page)
        before = page.selectbox(key="sample:compare:before")
        assert before.value.startswith("Suggestion 1")
        assert "| In exactly one |" in told(page)
        page.button(key="sample:Undo").click().run()
        assert draft(store).rules == ()

    def test_a_proposal_says_its_numbers_once(self, open_page: Open, store: Store) -> None:
        """Above the rules stand the numbers; below them only what is left over, and who can type the rules."""
        page = proposals(open_page, store)
        told = "\n".join(each.value for each in page.caption)
        assert "could type these rules into Clever" in told or "work on our side only" in told
        assert "students are in exactly one kept section" not in told
