"""The rules page: building, editing, undo, saving, versions, rule files, examples and suggestions."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import rule_editor, rule_files, rule_names
from roster_core.adapters.store import Store
from roster_core.errors import RuleError
from roster_core.rules import Condition, Example, Pin, Rule, RuleSet
from roster_core.sample import sample_district
from tests.pages.conftest import Open, finish_jobs, told

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOMEROOM = Rule("keep", (Condition("section_name", "contains", ("Homeroom",)),))
ADVISORY = Rule("keep", (Condition("section_name", "contains", ("Advisory",)),))
NO_MTSS = Rule("drop", (Condition("section_name", "contains", ("MTSS",)),))


def opened(open_page: Open, store: Store, *rules: Rule, **more: object) -> AppTest:
    """The page with these rules in the kept draft of the sample district."""
    rule_set = RuleSet(rules=rules, **more)
    store.rule_sets.save_draft("sample", rule_set.to_json(), expected_revision=0, actor="a colleague", now=NOW)
    page = open_page("rules")
    return page if rules else page.button(key="sample:suggest:own").click().run()


def draft(store: Store) -> RuleSet:
    """The draft as kept, which is what a reload or a colleague sees."""
    return RuleSet.from_json(store.rule_sets.draft("sample").rule_set_json)


def labelled(page: AppTest, kind: str, label: str):
    """The one widget of a kind with this label."""
    return next(element for element in page.get(kind) if element.label == label)


def helped(page: AppTest, text: str):
    """The one button whose name on hovering is this."""
    return next(button for button in page.button if button.help == text)


def type_in(page: AppTest, text: str, value: int = 1, condition: int = 1, rule: int = 1) -> AppTest:
    """Types into one value box."""
    label = f"Value {value} of condition {condition} of rule {rule}"
    return labelled(page, "text_input", label).set_value(text).run()


def metric(page: AppTest, label: str = "In exactly one") -> str:
    """One of the counts beside the rules."""
    return next(metric.value for metric in page.metric if metric.label == label)


class TestBuilding:
    """Rules made from nothing."""

    def test_a_typed_rule_counts_at_once(self, open_page: Open, store: Store) -> None:
        """Adding a card and typing a value writes the rule into the draft and changes the number."""
        page = opened(open_page, store)
        assert metric(page) == "0"
        page.button(key="sample:add:keep").click().run()
        type_in(page, "homeroom")
        assert draft(store).rules == (Rule("keep", (Condition("section_name", "contains", ("homeroom",)),)),)
        assert int(metric(page)) > 500
        assert "only this covers" in told(page)

    def test_a_second_value_is_one_box_further(self, open_page: Open, store: Store) -> None:
        """The empty box after the last value takes the next one: any of them."""
        type_in(opened(open_page, store, HOMEROOM), "HR", value=2)
        assert draft(store).rules[0].when[0].values == ("Homeroom", "HR")

    def test_conditions_of_a_card_all_hold(self, open_page: Open, store: Store) -> None:
        """A condition more is one row more in the same rule."""
        page = opened(open_page, store, HOMEROOM)
        helped(page, "Add a condition to rule 1").click().run()
        labelled(page, "selectbox", "Field of condition 2 of rule 1").set_value("school_name").run()
        type_in(page, "Aspen", condition=2)
        assert [condition.field for condition in draft(store).rules[0].when] == ["section_name", "school_name"]

    def test_an_operator_without_values_counts_at_once(self, open_page: Open, store: Store) -> None:
        """`is empty` needs no value, and going back to `contains` finds the old one."""
        page = opened(open_page, store, HOMEROOM)
        operator = "Operator of condition 1 of rule 1"
        labelled(page, "selectbox", operator).set_value("is_empty").run()
        assert draft(store).rules[0].when[0] == Condition("section_name", "is_empty")
        labelled(page, "selectbox", operator).set_value("contains").run()
        assert draft(store).rules == (HOMEROOM,)

    def test_a_value_is_chosen_from_those_that_occur(self, open_page: Open, store: Store) -> None:
        """The list beside a row has the field's texts with their sections; choosing one adds it."""
        page = opened(open_page, store, replace(HOMEROOM, when=(Condition("subject", "is", ("math",)),)))
        page.session_state["sample:r1:list"] = True
        page.run()
        labelled(page, "selectbox", "Every subject of this roster").set_value("science").run()
        assert draft(store).rules[0].when[0].values == ("math", "science")

    def test_cards_move_are_copied_and_go(self, open_page: Open, store: Store) -> None:
        """The buttons of a card change the order, copy it and remove it."""
        page = opened(open_page, store, HOMEROOM, NO_MTSS)
        helped(page, "Move down: rule 1").click().run()
        assert draft(store).rules == (NO_MTSS, HOMEROOM)
        helped(page, "Duplicate: rule 2").click().run()
        assert draft(store).rules == (NO_MTSS, HOMEROOM, HOMEROOM)
        helped(page, "Remove: rule 1").click().run()
        assert draft(store).rules == (HOMEROOM, HOMEROOM)
        assert "Changes nothing: other rules decide all that it matches." in told(page)

    def test_keep_turns_into_drop(self, open_page: Open, store: Store) -> None:
        """The first word of a card says what it does."""
        page = opened(open_page, store, HOMEROOM, NO_MTSS)
        labelled(page, "selectbox", "What rule 2 does").set_value("keep").run()
        assert [rule.do for rule in draft(store).rules] == ["keep", "keep"]

    def test_grades_and_note_belong_to_the_card(self, open_page: Open, store: Store) -> None:
        """A rule may hold for some student grades, and say why it is there."""
        page = opened(open_page, store, HOMEROOM)
        page.session_state["sample:c0:grades:open"] = True
        page.session_state["sample:c0:note:open"] = True
        page.run()
        page.multiselect(key="sample:c0:grades").set_value(["Kindergarten", "1"]).run()
        page.text_input(key="sample:c0:note").set_value("as agreed").run()
        assert draft(store).rules[0].student_grades == ("Kindergarten", "1")
        assert "Note: as agreed" in told(page)

    def test_a_folded_card_is_its_sentence(self, open_page: Open, store: Store) -> None:
        """Folding hides the widgets and says the rule in words; the draft stays as it is."""
        page = opened(open_page, store, HOMEROOM, NO_MTSS)
        helped(page, "Fold: rule 1").click().run()
        assert "**1**  Keep sections whose section name contains" in told(page)
        assert draft(store).rules == (HOMEROOM, NO_MTSS)

    def test_the_district_s_own_rules_are_compared(self, open_page: Open, store: Store) -> None:
        """A card says whether the district can type it into Clever."""
        period = Rule("drop", (Condition("period", "is", ("0",)),))
        page = opened(open_page, store, HOMEROOM, period)
        assert "the district can type this too" in told(page)
        assert "works on our side only" in told(page)


class TestUnfinished:
    """What is typed but not complete is neither lost nor counted."""

    def test_a_broken_expression_counts_as_it_last_was(self, open_page: Open, store: Store) -> None:
        """RE2's words stand under the row, the numbers stay, and mending it counts again."""
        expression = Rule("keep", (Condition("section_name", "matches", ("HR|Home",)),))
        page = opened(open_page, store, expression)
        before = metric(page)
        type_in(page, "(HR")
        assert "missing )" in page.error[0].value.replace("\\", "")
        assert "Until then it counts as" in page.error[0].value
        assert (metric(page), draft(store).rules) == (before, (expression,))
        type_in(page, "(HR)")
        assert not page.error
        assert draft(store).rules[0].when[0].values == ("(HR)",)

    def test_an_empty_card_waits(self, open_page: Open, store: Store) -> None:
        """A new card without a value is drawn, is not applied, and outlives another change."""
        page = opened(open_page, store, HOMEROOM)
        page.button(key="sample:add:drop").click().run()
        assert "Not applied yet." in told(page)
        type_in(page, "Advisory")
        assert labelled(page, "text_input", "Value 1 of condition 1 of rule 2").value == ""
        assert len(draft(store).rules) == 1


class TestUndo:
    """Every change can be taken back."""

    def test_typing_in_one_box_is_one_step(self, open_page: Open, store: Store) -> None:
        """Undo goes back to before the typing, redo to its end, and the boxes show it."""
        page = opened(open_page, store, HOMEROOM)
        for text in ("A", "Adv", "Advisory"):
            type_in(page, text)
        page.button(key="sample:Undo").click().run()
        assert draft(store).rules == (HOMEROOM,)
        assert labelled(page, "text_input", "Value 1 of condition 1 of rule 1").value == "Homeroom"
        page.button(key="sample:Redo").click().run()
        assert draft(store).rules == (ADVISORY,)
        assert page.button(key="sample:Redo").disabled

    def test_a_removed_card_comes_back(self, open_page: Open, store: Store) -> None:
        """Removing a rule is undone with all its rows."""
        page = opened(open_page, store, HOMEROOM, NO_MTSS)
        helped(page, "Remove: rule 1").click().run()
        page.button(key="sample:Undo").click().run()
        assert draft(store).rules == (HOMEROOM, NO_MTSS)


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


def more(page: AppTest) -> AppTest:
    """The page with its drawer open."""
    page.session_state["sample:more"] = True
    return page.run()


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


class TestNames:
    """The section names beside the rules."""

    def test_the_hit_is_marked_and_nothing_is_markdown(self) -> None:
        """Names are shown as written: their own marks are escaped, the hit is tinted."""
        assert rule_names.marked("HR *3A*", [(0, 2)]) == r":primary-background[HR] \*3A\*"
        assert rule_names.marked("a", []) == "a"

    def test_changed_names_are_those_that_differ_from_the_saved(self, open_page: Open, store: Store) -> None:
        """After an edit the list of changes has the names gained."""
        page = opened(open_page, store, HOMEROOM)
        page.button(key="sample:save").click().run()
        type_in(page, "Advisory", value=2)
        page.get("segmented_control")[0].set_value("changed").run()
        assert ":primary-background[Advisory]" in told(page)


class TestEditor:
    """The editor behind the cards, without a page."""

    def test_the_editor_of_rules_gives_the_rules_back(self) -> None:
        """Cards say what the rules say, and the same rules keep their cards."""
        editor = rule_editor.editor_for((HOMEROOM, NO_MTSS))
        assert editor.rules == (HOMEROOM, NO_MTSS)
        assert rule_editor.editor_for(editor.rules, editor) is editor

    def test_no_name_is_used_twice(self) -> None:
        """Made anew, every card and row has a name it never had: widgets remember what was typed under a name."""
        first = rule_editor.editor_for((HOMEROOM, NO_MTSS))
        second = rule_editor.editor_for((ADVISORY,), first)
        names = [{card.uid for card in each.cards} | {row.uid for card in each.cards for row in card.rows}
                 for each in (first, second)]  # fmt: skip
        assert not names[0] & names[1]

    def test_many_cards_start_folded(self) -> None:
        """Ten rules are ten sentences until one is opened."""
        assert all(card.folded for card in rule_editor.editor_for((HOMEROOM,) * 10).cards)
