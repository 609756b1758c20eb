"""The rules page: building, editing, what is unfinished, undo, names."""

from __future__ import annotations

import re
from dataclasses import replace

from pages.shared import rule_editor, rule_names
from roster_core.adapters.store import Store
from roster_core.rules import Condition, Rule, RuleSet
from tests.builders import HOMEROOMS, district
from tests.pages.conftest import Open, told
from tests.pages.rules_page import (
    ADVISORY,
    HOMEROOM,
    NO_MTSS,
    NOW,
    draft,
    from_menu,
    helped,
    labelled,
    metric,
    opened,
    type_in,
    unfolded,
)


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
        helped(page, "Rule 1:").click().run()
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
        unfolded(page, "sample:r1:list")
        labelled(page, "selectbox", "Every subject of this roster").set_value("science").run()
        assert draft(store).rules[0].when[0].values == ("math", "science")

    def test_cards_move_are_copied_and_go(self, open_page: Open, store: Store) -> None:
        """The buttons of a card change the order, copy it and remove it."""
        page = opened(open_page, store, HOMEROOM, NO_MTSS)
        from_menu(page, "Move down", rule=1)
        assert draft(store).rules == (NO_MTSS, HOMEROOM)
        from_menu(page, "Duplicate", rule=2)
        assert draft(store).rules == (NO_MTSS, HOMEROOM, HOMEROOM)
        helped(page, "Remove: rule 1").click().run()
        assert draft(store).rules == (HOMEROOM, HOMEROOM)
        assert "Changes nothing: rule 1 keeps all that it matches." in told(page)

    def test_keep_turns_into_drop(self, open_page: Open, store: Store) -> None:
        """The menu of a card turns it, and its first words say what it does."""
        page = opened(open_page, store, HOMEROOM, NO_MTSS)
        assert "**2**  Drop sections whose" in told(page)
        from_menu(page, "Turn into a keep rule", rule=2)
        assert "**2**  Keep sections whose" in told(page)
        assert [rule.do for rule in draft(store).rules] == ["keep", "keep"]

    def test_grades_and_note_belong_to_the_card(self, open_page: Open, store: Store) -> None:
        """A rule may hold for some student grades, and say why it is there."""
        page = opened(open_page, store, HOMEROOM)
        unfolded(page, "sample:c0:grades:open")
        page.multiselect(key="sample:c0:grades").set_value(["Kindergarten", "1"]).run()
        unfolded(page, "sample:c0:note:open")
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


    def test_a_drop_that_costs_students_their_only_section_says_so(self, open_page: Open, store: Store) -> None:
        """Beside whom it keeps out of a second section stands whom it leaves without any."""
        all_homerooms = replace(NO_MTSS, when=(Condition("section_name", "contains", ("Homeroom -",)),))
        page = opened(open_page, store, HOMEROOM, all_homerooms)
        found = re.search(r"out of a second section · leaves ([\d,]+) students without any", told(page))
        assert found and int(found[1].replace(",", "")) > 300

    def test_who_sends_files_has_no_screen_to_type_rules_into(self, open_page: Open, store: Store) -> None:
        """For a district of files a card says nothing of what the district could type."""
        store.rosters.save(replace(district(), source="clever-csv"))
        store.rule_sets.save_draft("d1", HOMEROOMS.to_json(), expected_revision=0, actor="Bo", now=NOW)
        told_of = told(open_page("rules", district="d1"))
        assert "only this covers" in told_of
        assert "the district can type this too" not in told_of


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

    def test_a_card_that_is_gone_is_left_alone(self) -> None:
        """A click that comes after its card was taken away elsewhere changes nothing."""
        editor = rule_editor.editor_for((HOMEROOM, NO_MTSS))
        for change in (rule_editor.duplicate_card, rule_editor.remove_card, rule_editor.add_row):
            assert change(editor, "gone").rules == editor.rules
        assert rule_editor.move_card(editor, "gone", 1) == editor

    def test_letters_of_a_row_that_is_gone_are_left_alone(self, open_page: Open, store: Store) -> None:
        """Letters that arrive together with the click that takes their rule away break nothing."""
        page = opened(open_page, store, HOMEROOM, NO_MTSS)
        helped(page, "Remove: rule 1").click()
        page = type_in(page, "Home")
        assert not page.exception
        assert draft(store).rules == (NO_MTSS,)


def test_a_page_without_edits_goes_on_from_what_a_colleague_kept(open_page: Open, store: Store) -> None:
    """Rules a colleague adds, and takes away again, are there at the next click, cards and numbers alike."""
    page = opened(open_page, store, HOMEROOM)
    for rules, revision in (((HOMEROOM, ADVISORY), 1), ((HOMEROOM,), 2)):
        theirs = RuleSet(rules=rules).to_json()
        store.rule_sets.save_draft("sample", theirs, expected_revision=revision, actor="a colleague", now=NOW)
        page.run()
        assert not page.exception and helped(page, f"Remove: rule {len(rules)}")
        assert len(draft(store).rules) == len(rules) and page.button(key="sample:Undo").disabled
