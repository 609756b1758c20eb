"""What each role may do: every service and action refuses each lesser role; pages switch off what would be refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import access
from roster_core.adapters.store import Store
from roster_core.errors import Refusal
from roster_core.onboarding import Contact, Onboarding
from roster_core.roles import ROLES, Role, allows
from roster_core.rules import RuleSet
from tests.pages.conftest import Open, told
from tests.pages.signed_in import SOMEBODY, page_of, people
from tests.pages.test_access import PAGES
from tests.pages.test_commit import NOW, ready_rules
from tests.service_roles import ROLE_OF_SERVICE


def call(name: str) -> None:
    """The script of the test below: calls the function with nothing of use, and says so where it was not stopped."""
    import importlib
    import inspect

    import streamlit as st  # the script has no other names than its own

    module, function = name.split(".")
    room = "pages.shared" if module in ("committing", "loading") else "pages.shared.services"
    called = getattr(importlib.import_module(f"{room}.{module}"), function)
    asked = inspect.signature(called).parameters.values()
    given = [None for each in asked if each.default is each.empty and each.kind is not each.KEYWORD_ONLY]
    called(*given, **{each.name: None for each in asked if each.kind is each.KEYWORD_ONLY})
    st.title("Was not stopped")


@pytest.mark.parametrize("held", [None, *ROLES[:-1]], ids=str)
def test_every_service_and_action_refuses_each_lesser_role(
    held: Role | None, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Called by somebody who may less than it asks for (or is on no list), each stops before it does anything."""
    people(monkeypatch)
    somebody = page_of("rules", SOMEBODY[held] if held else "eve@example.org")
    # That each asks for its role before all else is read from its source (tests/test_architecture.py); here one of
    # each module and role is called.
    tried = {(name.partition(".")[0], role): name for name, role in ROLE_OF_SERVICE.items()}
    for (_, role), name in tried.items():
        if role and not (held and allows(held, role)):
            page = AppTest.from_function(call, args=(name,), default_timeout=60)
            page.secrets["auth"], page.user = somebody.secrets["auth"], somebody.user
            page.run()
            assert not page.exception and "Was not stopped" not in told(page), name
            assert len(page.error) == 1, name


def test_a_viewer_is_told_who_could_and_can_do_nothing(
    open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules are words, names stay masked, no file with names is offered, and nothing can be committed or loaded."""
    open_page("districts")
    keep_ready(store)
    people(monkeypatch)
    st.cache_resource.clear()
    rules = page_of("rules", SOMEBODY["viewer"]).run()
    assert "Only a reviewer can change rules" in told(rules)
    assert not [button.label for button in rules.button if "settles" in button.label and not button.disabled]
    assert [box.label for box in rules.text_input] == ["Find a section name"] and "Keep sections" in told(rules)
    students = page_of("students", SOMEBODY["viewer"]).run()
    assert students.toggle(key="reveal_names").disabled
    commit = page_of("commit", SOMEBODY["viewer"]).run()
    assert "Only a committer can commit" in told(commit)
    assert commit.button(key="commit").disabled
    districts = page_of("districts", SOMEBODY["viewer"]).run()
    assert "Only a reviewer can change rules and pins, load rosters" in told(districts)
    assert not districts.get("file_uploader")


def test_a_viewer_reads_who_is_to_be_reached_and_is_offered_no_undo(
    open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The people of a launch are words for those who may only look; what nobody may change has no undo beside it."""
    open_page("districts")
    keep_ready(store)
    kept = Onboarding(sel_lead=Contact("Lee Ito", "lee@district.example"), looked_after_by="dana")
    told_of = {"expected_revision": 0, "actor": "dana", "now": NOW, "action": "set-people"}
    store.onboarding.save("sample", kept, **told_of)
    people(monkeypatch)
    st.cache_resource.clear()
    said = told(page_of("launch", SOMEBODY["viewer"]).run())
    assert "Lee Ito" in said and "lee@district.example" in said and "not known yet" in said
    for name in ("sections", "students"):
        assert not [each for each in page_of(name, SOMEBODY["viewer"]).run().button if each.label in ("Undo", "Redo")]


def keep_ready(store: Store) -> RuleSet:
    """Keeps a draft under which nothing stops a commit."""
    rules = ready_rules(store.rosters.load(store.rosters.latest("sample").fingerprint, "sample"))
    store.rule_sets.save_draft("sample", rules.to_json(), expected_revision=0, actor=SOMEBODY["reviewer"], now=NOW)
    return rules


@pytest.mark.parametrize("name", PAGES)
def test_no_page_offers_a_viewer_what_would_be_refused(
    name: str, open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every button that a viewer can press does something for them."""
    open_page("districts")
    keep_ready(store)
    people(monkeypatch)
    st.cache_resource.clear()
    page = page_of(name, SOMEBODY["viewer"]).run()
    for button in page.button:
        if not button.disabled and button.label != "Sign out":
            pressed = page_of(name, SOMEBODY["viewer"]).run().button(key=button.key).click().run()
            assert not pressed.exception and "Nothing was changed." not in told(pressed), button.label


def test_a_refusal_in_the_middle_of_a_page_changes_nothing(
    open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody whose role was taken away while the page was open is refused by the action itself."""
    open_page("districts")
    keep_ready(store)
    people(monkeypatch)
    st.cache_resource.clear()
    page = page_of("rules", SOMEBODY["reviewer"]).run()
    page.user = page_of("rules", SOMEBODY["viewer"]).user
    page.button(key="sample:save").click().run()
    assert "Only a reviewer can" in told(page) and "Nothing was changed." in told(page)
    assert not page.exception and store.rule_sets.get("sample") is None


def test_the_sidebar_says_who_is_signed_in(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Address, role and the way out; none of it where nobody signs in."""
    people(monkeypatch)
    page = page_of("districts", SOMEBODY["admin"]).run()
    assert SOMEBODY["admin"] in [text.value for text in page.sidebar.text]
    assert "admin" in [text.value for text in page.sidebar.caption]
    page.button(key="sign_out").click().run()
    assert page.user == {"is_logged_in": False}


def test_a_viewer_finds_students_by_number_and_never_by_name(
    open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A masked name cannot be found out by trying; a number, which is shown, finds its student."""
    open_page("districts")
    keep_ready(store)
    students = store.rosters.load(store.rosters.latest("sample").fingerprint, "sample").students
    people(monkeypatch)
    st.cache_resource.clear()
    page = page_of("students", SOMEBODY["viewer"]).run()
    assert page.text_input(key="sample:find").label == "Find a student by number"
    page.text_input(key="sample:find").set_value(students["last_name"].iloc[0]).run()
    assert "0 students" in told(page)
    page.text_input(key="sample:find").set_value(students["student_number"].iloc[0]).run()
    assert "1 student" in told(page) and "•••" in told(page)


def take_a_file() -> None:
    """The script of the test below: draws what makes a file, and keeps it for whoever asks later."""
    import streamlit as st

    from pages.shared.access import while_signed_in

    st.session_state["file"] = while_signed_in(lambda: "children's names")


def test_a_file_is_not_made_after_the_sign_in_has_ended(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A button drawn in time gives nothing to whoever presses it hours later."""
    for age, hours in ((60, "12"), (7200, "1")):
        people(monkeypatch, ROSTER_SESSION_HOURS=hours)
        st.cache_resource.clear()
        page = AppTest.from_function(take_a_file, default_timeout=60)
        somebody = page_of("rules", SOMEBODY["reviewer"], age=age)
        page.secrets["auth"], page.user = somebody.secrets["auth"], somebody.user
        made = page.run().session_state["file"]
        if age < 3600:
            assert made() == "children's names"
        else:
            with pytest.raises(Refusal, match="too long ago"):
                made()


def take_a_letter() -> None:
    """The script of the test below: what makes a message to a district a file."""
    from datetime import UTC

    import streamlit as st

    from pages.shared.services import messages
    from roster_core.messages import Message

    letter = Message("Please share", "With us.", "sharing", ("lee@district.example",))
    st.session_state["file"] = messages.letter_file("sample", letter, UTC)


def test_a_letter_is_not_made_after_the_sign_in_has_ended(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of a message is refused then as any other, and not written down as taken."""
    people(monkeypatch)
    page = AppTest.from_function(take_a_letter, default_timeout=60)
    somebody = page_of("rules", SOMEBODY["reviewer"])
    page.secrets["auth"], page.user = somebody.secrets["auth"], somebody.user
    made = page.run().session_state["file"]
    assert b"Please share" in made()
    monkeypatch.setattr(access, "is_current", lambda person, *, now, hours: False)
    with pytest.raises(Refusal, match="too long ago"):
        made()
