"""The students page in a real browser: a click on a bar, a student's why, and a decision by hand."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.conftest import App, kept_names, press, settle, visit

pytestmark = pytest.mark.browser


@pytest.fixture(name="students")
def _students(serve_sample: Callable[..., App], page: Page) -> Page:
    """The students page of the sample district, where homerooms are kept."""
    visit(page, serve_sample(kept_names("Homeroom")), "students")
    return page


def choose_first(page: Page) -> None:
    """Opens the first student of the list."""
    grid = page.get_by_test_id("stDataFrame").last
    grid.scroll_into_view_if_needed()
    place = grid.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + 15, place["y"] + 50)


def choose_reason(page: Page, reason: str) -> None:
    """Chooses the reason of a decision by hand, again where the list closed because the page still moved."""
    box, option = page.get_by_label("Reason", exact=True), page.get_by_role("option", name=reason)
    for _ in range(5):
        box.fill("")
        box.fill(reason)
        with contextlib.suppress(TimeoutError):
            option.click(timeout=2_000)
            return
    pytest.fail(f"the reasons never opened for {reason!r}")


def test_a_click_on_a_bar_lists_its_students(students: Page) -> None:
    """Clicking the piece of grade 2 in none narrows list and choices to it."""
    chart = students.get_by_test_id("stVegaLiteChart")
    chart.locator("[aria-roledescription=bar][aria-label*='grade: 2'][aria-label*='standing: none']").click()
    expect(students.get_by_label("Grade", exact=True)).to_have_value("2")
    expect(students.get_by_label("Students who are", exact=True)).to_have_value("in none")


def test_the_same_choice_by_keyboard(students: Page) -> None:
    """What a bar gives, the lists give without a mouse."""
    grade = students.get_by_label("Grade", exact=True)
    grade.focus()
    students.keyboard.type("3")
    students.keyboard.press("Enter")
    settle(students)
    expect(grade).to_have_value("3")
    expect(students.get_by_text(re.compile(r"^\d+ students$"))).to_be_visible()


def test_a_student_is_found_explained_and_pinned(students: Page) -> None:
    """A number that is one student's opens the card; from there to exactly one section, and back by undo."""
    students.get_by_label("Find a student by number or name").fill("100045")
    expect(students.get_by_text("1 student", exact=True)).to_be_visible()
    expect(students.get_by_text("in several (2)")).to_be_visible()
    expect(students.get_by_text("kept by rule 1").first).to_be_visible()
    expect(students.get_by_role("button", name="Pin here").first).to_be_disabled()
    choose_reason(students, "Moved to another section")
    press(students.get_by_role("button", name="Pin here").first)
    expect(students.get_by_text("By hand: Pinned to ")).to_be_visible()
    expect(students.get_by_text("in several (2)")).to_have_count(0)
    press(students.get_by_role("button", name="Undo"))
    expect(students.get_by_text("in several (2)")).to_be_visible()


def test_names_stay_masked_until_revealed(students: Page) -> None:
    """The card shows initials; the switch shows the name; the address never has one, and no table offers a file."""
    choose_first(students)
    expect(students.get_by_text(re.compile(r"^\w••• \w•••"))).to_be_visible()
    press(students.get_by_text("Reveal names and birthdates"))
    expect(students.get_by_text(re.compile(r"^\w••• \w•••"))).to_have_count(0)
    assert students.url.endswith("/students")
    students.get_by_test_id("stDataFrame").first.hover()
    expect(students.get_by_test_id("stElementToolbar").first).to_be_visible()
    expect(students.get_by_role("button", name=re.compile("Download as CSV"))).to_have_count(0)


def test_a_pasted_list_is_excused(students: Page) -> None:
    """A list of numbers is excused in one step; the unknown one is named; the strip counts them."""
    press(students.get_by_text("Excuse or pin a list of students"))
    choose_reason(students, "Home-schooled or virtual")
    pasted = students.get_by_label("Student numbers, one a line or separated by commas")
    pasted.fill("100045\n100056\nnobody-1")
    pasted.press("Control+Enter")
    expect(students.get_by_text("1 number unknown: nobody-1")).to_be_visible()
    press(students.get_by_role("button", name="Excuse 2 students"))
    expect(students.get_by_text("2 excused").first).to_be_visible()
    expect(students.get_by_text("Decided by hand: 2 students")).to_be_visible()
