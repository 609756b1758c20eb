"""The rules page as tests drive it."""

from __future__ import annotations

from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest

from roster_core.adapters.store import Store
from roster_core.rules import Condition, Rule, RuleSet
from tests.pages.conftest import Open

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
    """The one button whose name on hovering is this: its help, or that of the drawing it shows."""
    return next(button for button in page.button if button.help == text or button.label.startswith(f"![{text}]"))


def unfolded(page: AppTest, key: str) -> AppTest:
    """The page with what the button of this key opens."""
    return page.button(key=key).click().run()


def from_menu(page: AppTest, wanted: str, rule: int) -> AppTest:
    """Chooses one thing of a card's menu."""
    helped(page, f"Turn, move or copy: rule {rule},").click().run()
    page = next(button for button in page.button if button.label == wanted).click().run()
    # Folded again, so that the next choice is made from one menu.
    opened = [button for button in page.button if button.label.startswith("![Turn") and "![open]" in button.label]
    return opened[0].click().run() if opened else page


def type_in(page: AppTest, text: str, value: int = 1, condition: int = 1, rule: int = 1) -> AppTest:
    """Types into one value box."""
    label = f"Value {value} of condition {condition} of rule {rule}"
    return labelled(page, "text_input", label).set_value(text).run()


def metric(page: AppTest, label: str = "In exactly one") -> str:
    """One of the counts beside the rules."""
    return next(metric.value for metric in page.metric if metric.label == label)


def more(page: AppTest) -> AppTest:
    """The page with its drawer open."""
    page.session_state["sample:more"] = True
    return page.run()
