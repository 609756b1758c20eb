"""The rules page in a real browser: numbers that move while typing, the keyboard, drafts that outlive a reload."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from roster_core.rules import RuleSet
from tests.browser.conftest import ASSESSED, App, press, settle, visit

pytestmark = pytest.mark.browser


@pytest.fixture(name="rules")
def _rules(serve_sample: Callable[..., App], page: Page) -> Page:
    """The rules page of the sample district with one empty keep rule."""
    visit(page, serve_sample(RuleSet(assessed_grades=ASSESSED)), "rules")
    press(page.get_by_role("button", name="Build my own"))
    press(page.get_by_role("button", name="Keep rule"))
    expect(box(page)).to_be_visible()
    return page


def box(page: Page, value: int = 1, condition: int = 1, rule: int = 1) -> Locator:
    """One value box."""
    return page.get_by_label(f"Value {value} of condition {condition} of rule {rule}", exact=True)


def count(page: Page, label: str = "In exactly one") -> Locator:
    """One of the counts beside the rules."""
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def bars(page: Page) -> Locator:
    """The bars by grade beside the rules."""
    return page.get_by_role("table", name="Students in exactly one kept section, by grade")


def test_the_number_moves_while_typing(rules: Page) -> None:
    """Without Enter or leaving the box, each pause repaints count, bars and names."""
    expect(count(rules)).to_have_text("0")
    box(rules).press_sequentially("homer", delay=30)
    expect(count(rules)).not_to_have_text("0")
    expect(box(rules)).to_be_focused()
    expect(box(rules)).to_have_value("homer")
    expect(bars(rules).get_by_role("row", name="1 ", exact=False).first).to_contain_text("of 246")
    expect(rules.get_by_text("only this covers")).to_be_visible()


def test_bars_follow_the_draft(rules: Page) -> None:
    """The bars have the new numbers after each edit, not those they were drawn with."""
    box(rules).fill("homeroom")
    expect(count(rules)).not_to_have_text("0")
    before = bars(rules).inner_text()
    box(rules).fill("advisory")
    expect(bars(rules)).not_to_have_text(before)


def test_typing_fast_loses_no_letter(rules: Page) -> None:
    """Letters typed while an answer is under way stay, and the last one counts."""
    box(rules).press_sequentially("Homeroom Adviso", delay=120)
    box(rules).press_sequentially("ry", delay=10)
    settle(rules)
    expect(box(rules)).to_have_value("Homeroom Advisory")
    expect(rules.get_by_text('contains "Homeroom Advisory"').first).to_be_visible()


def test_a_rule_is_made_with_the_keyboard_alone(rules: Page) -> None:
    """Tab reaches field, operator, values in reading order; the next value is one Tab away."""
    rules.get_by_label("Field of condition 1 of rule 1").focus()
    rules.keyboard.press("Tab")
    expect(rules.get_by_label("Operator of condition 1 of rule 1")).to_be_focused()
    rules.keyboard.press("Tab")
    expect(box(rules)).to_be_focused()
    rules.keyboard.type("Homeroom")
    expect(box(rules, value=2)).to_be_visible()
    rules.keyboard.press("Tab")
    rules.keyboard.type("Advisory")
    expect(rules.get_by_text('contains "Homeroom" or "Advisory"').first).to_be_visible()


def test_a_card_is_turned_with_the_keyboard(rules: Page) -> None:
    """The menu of a card opens, is walked and chosen from without a mouse; a drop rule alone keeps the rest."""
    box(rules).fill("homeroom")
    expect(count(rules)).not_to_have_text("0")
    rules.get_by_role("button", name="Turn, move or copy: rule 1").focus()
    rules.keyboard.press("Enter")
    turn = rules.get_by_role("button", name="Turn into a drop rule")
    expect(turn).to_be_visible()
    for _ in range(4):
        rules.keyboard.press("Tab")
        if turn.evaluate("button => button === document.activeElement"):
            break
    rules.keyboard.press("Enter")
    expect(rules.get_by_text("1 Drop sections whose")).to_be_visible()
    expect(box(rules)).to_have_value("homeroom")


def test_an_operator_is_chosen_with_the_keyboard(rules: Page) -> None:
    """The operator list opens, narrows by typing, and closes with Enter."""
    box(rules).fill("home")
    rules.get_by_label("Operator of condition 1 of rule 1").focus()
    rules.keyboard.type("starts")
    rules.keyboard.press("Enter")
    expect(rules.get_by_text('starts with "home"').first).to_be_visible()


def test_a_broken_expression_stands_under_its_row(rules: Page) -> None:
    """RE2's words are shown while typing, the page lives, and mending it clears them."""
    box(rules).fill("HR")
    expect(count(rules)).not_to_have_text("0")
    press(rules.get_by_label("Operator of condition 1 of rule 1"))
    press(rules.get_by_role("option", name="matches expression"))
    box(rules).fill("(HR")
    expect(rules.get_by_role("alert")).to_contain_text("missing )")
    box(rules).fill("(HR)")
    expect(rules.get_by_role("alert")).to_have_count(0)


def test_undo_and_redo(rules: Page) -> None:
    """Undo takes the typing back, redo brings it again, and the number follows."""
    box(rules).fill("homeroom")
    expect(count(rules)).not_to_have_text("0")
    typed = count(rules).inner_text()
    press(rules.get_by_role("button", name="Undo"))
    expect(count(rules)).to_have_text("0")
    press(rules.get_by_role("button", name="Redo"))
    expect(count(rules)).to_have_text(typed)
    expect(box(rules)).to_have_value("homeroom")
    # A drawing alone is read out by its name.
    press(rules.get_by_role("button", name="Remove: rule 1"))
    expect(rules.get_by_role("button", name="Remove: rule 1")).to_have_count(0)


def test_a_draft_outlives_a_reload(rules: Page) -> None:
    """What was typed is there after reloading, unsaved; after saving the next edit tells its difference."""
    box(rules).fill("homeroom")
    expect(count(rules)).not_to_have_text("0")
    rules.reload()
    settle(rules)
    expect(box(rules)).to_have_value("homeroom")
    press(rules.get_by_role("button", name="Save as v1"))
    expect(rules.get_by_role("button", name="Saved", exact=True)).to_be_disabled()
    box(rules, value=2).fill("Advisory")
    expect(rules.get_by_text(re.compile("since v1")).first).to_be_visible()


def test_values_are_chosen_from_the_roster(rules: Page) -> None:
    """The list beside a row offers the field's texts; a chosen one becomes a value."""
    press(rules.get_by_role("button", name="List closed", exact=True))
    rules.get_by_label("Every section name of this roster").fill("Lunch")
    press(rules.get_by_role("option").first)
    expect(box(rules)).to_have_value(re.compile("Lunch"))


def test_the_hit_is_marked_in_the_names(rules: Page) -> None:
    """Among the kept names the part that matched stands out."""
    box(rules).fill("homeroom")
    marked = rules.locator("span").filter(has_text=re.compile(r"^homeroom$", re.IGNORECASE)).first
    expect(marked).to_be_visible()


def test_a_suggestion_is_used(app: App, page: Page) -> None:
    """A fresh district opens on a suggestion; using it puts nearly everybody in exactly one section."""
    visit(page, app, "rules")
    press(page.get_by_role("button", name="Assess these students"))
    press(page.get_by_role("button", name="Use this").first, timeout=60_000)
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=30_000)
    expect(count(page)).to_have_text(re.compile(r"^1,9\d\d$"))
