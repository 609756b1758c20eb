"""The rules page: saved versions, rule files, examples and suggestions."""

from __future__ import annotations

import json

import pytest

from pages.shared import rule_files
from roster_core.adapters.store import Store
from roster_core.errors import RuleError
from roster_core.rules import Example, Pin, RuleSet
from roster_core.sample import sample_district
from tests.pages.conftest import Open, finish_jobs, told
from tests.pages.rules_page import (
    ADVISORY,
    HOMEROOM,
    NO_MTSS,
    NOW,
    draft,
    helped,
    labelled,
    metric,
    more,
    opened,
    type_in,
)


class TestSaving:
    """Versions, and what goes on from them."""

    def test_save_makes_a_version_and_deltas_follow_it(self, open_page: Open, store: Store) -> None:
        """After saving there is nothing to save; the next edit is compared with the saved numbers."""
        page = opened(open_page, store, HOMEROOM)
        page.button(key="sample:save").click().run()
        assert store.rule_sets.get("sample").rule_set.rules == (HOMEROOM,)
        assert page.button(key="sample:save").disabled
        type_in(page, "Advisory", value=2)
        assert "since v1" in next(each.delta for each in page.metric if each.label == "In exactly one")
        assert page.button(key="sample:save").label == "Save as v2"

    def test_a_colleague_s_version_is_not_overwritten(self, open_page: Open, store: Store) -> None:
        """Saving over a version that came in meanwhile is refused and says so."""
        page = opened(open_page, store, HOMEROOM)
        store.rule_sets.save("sample", RuleSet(rules=(ADVISORY,)), expected_version=0, actor="a colleague", now=NOW)
        page.button(key="sample:save").click().run()
        assert page.warning
        assert store.rule_sets.get("sample").rule_set.rules == (ADVISORY,)

    def test_an_earlier_version_is_opened_and_the_pins_stay(self, open_page: Open, store: Store) -> None:
        """Opening v1 brings its rules into the draft, with the pins made since."""
        pin = Pin("stu-000001", None, "not_assessed", "Family opted out")
        page = opened(open_page, store, ADVISORY, pins=(pin,))
        store.rule_sets.save("sample", RuleSet(rules=(HOMEROOM,)), expected_version=0, actor="local user", now=NOW)
        page = more(page)
        page.button(key="sample:version:open").click().run()
        assert (draft(store).rules, draft(store).pins) == ((HOMEROOM,), (pin,))

    def test_edits_are_discarded_and_brought_back(self, open_page: Open, store: Store) -> None:
        """Discarding goes back to the saved rules; undo returns the edits."""
        page = opened(open_page, store, HOMEROOM)
        page.button(key="sample:save").click().run()
        type_in(page, "Advisory")
        more(page).button(key="sample:discard").click().run()
        assert draft(store).rules == (HOMEROOM,)
        page.button(key="sample:Undo").click().run()
        assert draft(store).rules == (ADVISORY,)

    def test_rules_have_a_name_and_a_way_with_several(self, open_page: Open, store: Store) -> None:
        """Name and `resolve` are part of the draft."""
        page = more(opened(open_page, store, HOMEROOM, ADVISORY))
        page.text_input(key="sample:name:").set_value("Fall").run()
        page.radio(key="sample:resolve:all").set_value("first").run()
        assert (draft(store).name, draft(store).resolve) == ("Fall", "first")
        assert "settled by the order" in told(page)


class TestFiles:
    """Rules from and to files."""

    def test_a_bad_file_is_listed_and_changes_nothing(self, open_page: Open, store: Store) -> None:
        """Each problem of the file is shown with its place; the draft stays."""
        page = more(opened(open_page, store, HOMEROOM))
        bad = {"format": "roster-rules/1", "rules": [{"do": "kep", "when": []}], "extra": 1}
        page.get("file_uploader")[0].set_value([("rules.json", json.dumps(bad).encode(), "application/json")]).run()
        told_of = page.error[0].value.replace("\\", "")
        assert "rules[0].do" in told_of and "rules[0].when" in told_of and "extra" in told_of
        assert draft(store).rules == (HOMEROOM,)

    def test_a_good_file_becomes_the_draft(self, open_page: Open, store: Store) -> None:
        """Importing takes rules and examples; undo takes them back."""
        page = more(opened(open_page, store, HOMEROOM))
        text = RuleSet(rules=(ADVISORY, NO_MTSS), examples=(Example("Lunch", "drop"),)).to_json().encode()
        page.get("file_uploader")[0].set_value([("rules.json", text, "application/json")]).run()
        assert draft(store).rules == (ADVISORY, NO_MTSS)
        page.button(key="sample:Undo").click().run()
        assert draft(store).rules == (HOMEROOM,)

    def test_pins_and_foreign_schools_stay_away(self) -> None:
        """A file's pins come only if asked for; schools of another district and an unnamed scope change nothing."""
        roster = sample_district(students=60)
        before = RuleSet(assessed_grades=("1",), pins=(Pin("a", None),))
        pins = (Pin("b", None, "not_assessed"),)
        text = RuleSet(rules=(HOMEROOM,), assessed_schools=("elsewhere",), pins=pins).to_json().encode()
        taken = rule_files.read_rules(text, before, roster, with_pins=False)
        assert (taken.pins, taken.assessed_grades, taken.assessed_schools) == (before.pins, ("1",), ())
        with_pins = rule_files.read_rules(text, before, roster, with_pins=True)
        assert {pin.student_id for pin in with_pins.pins} == {"a", "b"}
        with pytest.raises(RuleError):
            rule_files.read_rules(b"{}", before, roster, with_pins=False)

    def test_examples_hold_or_fail(self, open_page: Open, store: Store) -> None:
        """An example is added, judged at once, a failing one warns on the page, and it can go."""
        page = more(opened(open_page, store, HOMEROOM))
        page.text_input(key="sample:example:name").set_value("Advisory 6")
        labelled(page, "button", "Add example").click().run()
        assert draft(store).examples == (Example("Advisory 6", "keep"),)
        assert "must be kept" in page.warning[0].value
        helped(page, "Remove example 1").click().run()
        assert draft(store).examples == ()


class TestSuggestions:
    """A fresh district opens on the best proposal."""

    def test_the_best_suggestion_is_used_with_one_click(self, open_page: Open, store: Store) -> None:
        """Once found, it stands there as a sentence with true numbers; using it makes it the draft."""
        store.rule_sets.save_draft("sample", RuleSet().to_json(), expected_revision=0, actor="x", now=NOW)
        page = open_page("rules")
        finish_jobs()
        page.run()
        assert "students in exactly one kept section" in "".join(bar.proto.text for bar in page.get("progress"))
        page.button(key="sample:suggest:use:1").click().run()
        assert draft(store).rules
        assert int(metric(page).replace(",", "")) > 1900

    def test_others_are_shown_on_request(self, open_page: Open, store: Store) -> None:
        """The other candidates are there, each with its own button."""
        store.rule_sets.save_draft("sample", RuleSet().to_json(), expected_revision=0, actor="x", now=NOW)
        page = open_page("rules")
        finish_jobs()
        page.run()
        page.button(key="sample:suggest:others").click().run()
        page.button(key="sample:suggest:use:2").click().run()
        assert draft(store).rules
