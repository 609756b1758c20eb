"""Where a child's name can be: nowhere until somebody reveals it, and then on the screen alone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import services
from pages.shared.downloads import File
from pages.shared.services import log, server
from roster_core.adapters.store import Store
from roster_core.errors import RosterError
from roster_core.roster import District, Roster
from roster_core.rules import RuleSet
from tests.builders import HOMEROOMS, district
from tests.pages.conftest import ROOT, Open, finish_jobs
from tests.source_tree import attributes, place, sources

#: A first name, last name and unreadable birthdate that stand nowhere else.
FIRST, LAST, BORN = "Zebulonia", "Quillfeather", "31/12/1987"
PAGES = sorted(file.stem for file in (ROOT / "pages").glob("*.py"))

#: Where Streamlit's own download button may stand: why it needs no line in the log.
PLAIN_DOWNLOADS = {
    "pages/shared/downloads.py": "the place that writes down who took what",
    "pages/shared/launch_views.py": "dates for a calendar; it names nobody",
    "pages/shared/message_views.py": "a message without names; the service that makes it writes it down",
    "pages/shared/receipt_views.py": "committed rows; the service that makes them writes it down",
    "pages/shared/rule_files.py": "a rule file, by ids",
    "pages/shared/rule_request.py": "a letter about rules, without a child in it",
}


def marked(district_id: str = "elm") -> Roster:
    """A district in which one child has the marked name, and a birthdate nobody can read."""
    child = {"first_name": FIRST, "last_name": LAST, "birthdate_raw": BORN}
    made = district(changed={"u1": child}, fetched_at=datetime.now(UTC), unenrolled=[("u2", "h1")])
    return replace(made, district=District(id=district_id, name=district_id.title()))


@pytest.fixture
def elm(store: Store, open_page: Open) -> Store:
    """A store with the marked district, its rules, and a commit page that has something to say."""
    open_page("districts")
    for name in ("elm", "oak"):
        store.districts.save(name, name=name.title(), source="file", now=datetime.now(UTC))
        store.rosters.save(marked(name))
        store.rule_sets.save(name, HOMEROOMS, expected_version=0, actor="dana", now=datetime.now(UTC))
    return store


def everything(page: AppTest) -> bytes:
    """All that a page sends to the browser, tables and charts too, as bytes."""
    return b"".join(_protos(page._tree))


def _protos(block: Any) -> Iterator[bytes]:
    proto = getattr(block, "proto", None)
    if proto is not None and hasattr(proto, "SerializeToString"):
        yield proto.SerializeToString()
    for child in getattr(block, "children", {}).values():
        yield from _protos(child)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_sends_a_name_before_it_is_revealed(name: str, elm: Store, open_page: Open) -> None:
    """Neither name nor birthdate is in anything a page sends: texts, tables, tooltips, titles, addresses."""
    page = open_page(name, district="elm")
    sent = everything(page)
    assert b"Elm" in sent
    for secret in (FIRST, LAST, BORN):
        assert secret.encode() not in sent
    assert FIRST not in str(page.query_params)


def test_search_and_causes_are_masked_too(elm: Store, open_page: Open) -> None:
    """A student found by name is shown by letters, also in the card; a cause does not quote a birthdate."""
    page = open_page("students", district="elm")
    page.text_input(key="elm:find").set_value(LAST).run()
    sent = everything(page)
    assert b"Q\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2" in sent
    assert FIRST.encode() not in sent and BORN.encode() not in sent
    page = open_page("commit", district="elm")
    lists = [button.key for button in page.button if str(button.key).startswith("list_")]
    assert lists
    for key in lists:
        page.button(key=key).click().run()
        assert BORN.encode() not in everything(page)


def test_a_reveal_is_written_down_once_and_for_one_district(elm: Store, open_page: Open) -> None:
    """The first reveal of a session and district is in the log; another district begins masked."""
    page = open_page("students", district="elm")
    switch = page.toggle(key="reveal_names")
    for shown in (True, False, True):
        switch.set_value(shown).run()
        switch = page.toggle(key="reveal_names")
    page.text_input(key="elm:find").set_value(LAST).run()
    assert FIRST.encode() in everything(page)
    assert [entry.action for entry in elm.activity.list("elm")].count("reveal-names") == 1
    page.session_state["district"] = "oak"
    page.run()
    assert not page.toggle(key="reveal_names").value
    page.text_input(key="oak:find").set_value(LAST).run()
    assert FIRST.encode() not in everything(page)
    assert "reveal-names" not in [entry.action for entry in elm.activity.list("oak")]


def test_what_is_revealed_reaches_neither_log_nor_address_nor_title(
    elm: Store, open_page: Open, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """With names on the screen, none is in the server's log, the activity log, the address or the title."""
    caplog.set_level(logging.DEBUG)
    page = open_page("students", district="elm")
    page.toggle(key="reveal_names").set_value(True).run()
    page.text_input(key="elm:find").set_value(f"{FIRST} {LAST}").run()
    assert FIRST.encode() in everything(page)
    spoken = caplog.text + "".join(capfd.readouterr()) + str(elm.activity.list(limit=None)) + str(page.query_params)
    assert FIRST not in spoken and LAST not in spoken
    assert not [title for title in page.title if FIRST in title.value]


def test_what_is_taken_is_written_down(elm: Store) -> None:
    """A file is made when it is asked for, and then the log says who took which, of how many, with names or without."""
    made = log.recorded("elm", "students", lambda: "text", rows=2, names=True)
    before = len(elm.activity.list("elm"))
    assert made() == "text"
    entries = elm.activity.list("elm")
    assert len(entries) == before + 1
    assert (entries[0].action, entries[0].detail) == ("download", {"file": "students", "rows": 2, "names": True})


def test_a_file_name_says_what_is_in_it_and_not_whom() -> None:
    """Whether names are inside stands in the name; the name of no child does."""
    assert File("students", "elm", 9, names=True).stem == "elm-students-with-names"
    assert File("preflight", "elm").stem == "elm-preflight-without-names"


def test_downloads_go_through_one_place() -> None:
    """No page offers a file of its own, but those that hold nothing of a child: the reasons stand above."""
    named = {place(file): {name for _, name in attributes(file)} for file in sources(ROOT / "pages")}
    assert {file for file, names in named.items() if "st.download_button" in names} <= set(PLAIN_DOWNLOADS)


def test_an_error_names_no_child(elm: Store) -> None:
    """What goes wrong with a roster is told by ids: neither message nor representation holds a name."""
    roster = marked()
    assert FIRST not in repr(roster) + str(roster.findings.to_dict())
    with elm._database.write() as connection:
        connection.exec_driver_sql("UPDATE roster_chunks SET sha256 = 'x' WHERE part = 'students'")
    with pytest.raises(RosterError) as caught:
        elm.rosters.load(roster.fingerprint, "elm")
    assert FIRST not in repr(caught.value) + str(caught.value)


def test_a_wider_scope_says_what_to_do(elm: Store, open_page: Open) -> None:
    """Where names are no longer held, the strip, the search and the preflight say so, each with the next step."""
    first = replace(HOMEROOMS, assessed_grades=("1",))
    elm.rule_sets.save("elm", first, expected_version=1, actor="dana", now=datetime.now(UTC))
    page = open_page("students", district="elm")
    assert "no names held of 4" in str([caption.value for caption in page.caption])
    page.text_input(key="elm:find").set_value("Last2").run()
    assert "4 students outside the scope cannot be found so" in str([caption.value for caption in page.caption])
    elm.rule_sets.save("elm", HOMEROOMS, expected_version=2, actor="dana", now=datetime.now(UTC) + timedelta(minutes=1))
    st.cache_resource.clear()
    page = open_page("commit", district="elm")
    said = str([markdown.value for markdown in page.markdown])
    assert "4 students assessed now, but stored without number and names" in said and "without a first name" not in said


def test_an_empty_rule_set_reduces_nothing(elm: Store) -> None:
    """Rules without a scope assess everybody, so everybody is held."""
    elm.rule_sets.save("elm", RuleSet(), expected_version=1, actor="dana", now=datetime.now(UTC))
    assert elm.rosters.latest("elm").withheld == 0




def test_a_deleted_district_is_in_no_memory_either(elm: Store, open_page: Open) -> None:
    """After a deletion the server holds neither the roster nor a plan made of it."""
    open_page("commit", district="elm")
    held = server._rosters()._held
    assert "elm" in held
    log.delete_district("elm")
    assert "elm" not in held
    assert services.roster("elm") is None


def test_a_view_of_details_is_reduced_with_the_roster(elm: Store, open_page: Open) -> None:
    """What the server's memory holds follows what is stored: after a narrower scope the held roster has no names."""
    open_page("students", district="elm")
    assert (services.roster("elm").students["first_name"] != "").all()
    first = replace(HOMEROOMS, assessed_grades=("1",))
    elm.rule_sets.save("elm", first, expected_version=1, actor="dana", now=datetime.now(UTC))
    assert (services.roster("elm").students["first_name"] == "").sum() == 4


def test_names_of_a_deleted_district_are_not_given_out(elm: Store) -> None:
    """A button that was drawn before a deletion gives nobody the names afterwards, though its page is still open."""
    made = log.recorded("elm", "students", lambda: FIRST, rows=1, names=True)
    log.delete_district("elm")
    with pytest.raises(RosterError, match="was deleted meanwhile"):
        made()
    assert "download" not in [entry.action for entry in elm.activity.list("elm")]


@pytest.mark.parametrize(("kind", "district_id"), [("load", "elm"), (services.REFRESHING, "")], ids=["load", "refresh"])
def test_a_district_is_not_deleted_while_work_would_bring_it_back(kind: str, district_id: str, elm: Store) -> None:
    """The deletion is refused until the work has ended; then nothing is left of how it ended either."""
    go = threading.Event()
    services.start_job(kind, district_id, lambda progress: go.wait(30))
    try:
        with pytest.raises(RosterError, match="Wait until that has ended"):
            log.delete_district("elm")
    finally:
        go.set()
        finish_jobs()
    log.delete_district("elm")
    assert services.job(kind, "elm") is None and elm.rosters.latest("elm") is None


def test_what_is_past_its_day_leaves_the_memory_too(elm: Store, open_page: Open) -> None:
    """What is deleted by itself once a day is in no roster or plan that the server still holds."""
    open_page("commit", district="elm")
    held = server._rosters()
    old = replace(marked("elder"), fetched_at=datetime.now(UTC) - timedelta(days=9_000))
    elm.rosters.save(old)
    server._retained.clear()
    services.store()
    assert elm.rosters.latest("elder") is None
    assert server._rosters() is not held
