"""The rules page: section names that a rule finds only inside a teacher's name are flagged."""

from __future__ import annotations

from roster_core.adapters.store import Store
from roster_core.rules import Condition, Rule
from tests.pages.conftest import Open, told
from tests.pages.rules_page import HOMEROOM, opened


def keep(*words: str) -> Rule:
    """A rule that keeps names with these words."""
    return Rule("keep", (Condition("section_name", "contains", words),))


def test_a_hit_inside_a_teacher_s_name_is_flagged(open_page: Open, store: Store) -> None:
    """`home` finds Homer's mathematics besides homerooms, and the page says so before anybody commits."""
    page = opened(open_page, store, keep("home"))
    assert "found only inside a teacher's name" in told(page)
    assert "Homer" in told(page) or ":primary-background[Home]r" in told(page)


def test_a_hit_elsewhere_is_none(open_page: Open, store: Store) -> None:
    """Rules that find the names by their own words flag nothing."""
    assert "inside a teacher's name" not in told(opened(open_page, store, HOMEROOM))


def test_a_name_found_otherwise_too_is_not_flagged(open_page: Open, store: Store) -> None:
    """A second rule that finds the names by their own words clears them."""
    page = opened(open_page, store, keep("home"), keep("Math", "Reading", "Science", "Social"))
    assert "inside a teacher's name" not in told(page)
