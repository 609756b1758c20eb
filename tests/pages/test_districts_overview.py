"""The morning screen: the list, what is behind a row, Clever's list, and refreshing every district."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.services import server
from roster_core.adapters.store import Store
from roster_core.dates import WindowDates
from roster_core.glance import Drifted
from roster_core.onboarding import Onboarding
from roster_core.rules import RuleSet
from roster_core.sample import sample_district
from tests.adapters.awkward_clever import AwkwardClever, Handler, status
from tests.adapters.clever_district import a_district
from tests.adapters.committing import a_plan, a_receipt
from tests.pages.clever_page import clever, load, look_behind, rows, visit
from tests.pages.conftest import Open, finish_jobs, told
from tests.pages.signed_in import SOMEBODY, page_of, people
from tests.pages.test_districts import FILES, upload

__all__ = ["clever"]


def test_each_district_is_one_row_of_five_columns(open_page: Open) -> None:
    """District, flag, share in exactly one, days left, next action and whose; the numbers move with the rules."""
    page = open_page("districts")
    assert list(rows(page)["Sample district (made-up)"].values())[1:] == ["", None, None, "Us · Say who is assessed"]
    next(button for button in page.button if button.label == "Assess these students").click().run()
    row = rows(page)["Sample district (made-up)"]
    assert row["In exactly one"] == 0
    assert row["Next, and whose move"].startswith("Us · Choose which sections to keep")


def test_a_row_is_looked_behind_and_its_district_is_that_of_every_page(open_page: Open) -> None:
    """Selecting a row chooses the district: the address names it, for a reload and for a colleague's link."""
    page = upload(open_page("districts"), "Springfield USD", FILES)
    assert page.query_params["district"] == "springfield-usd"
    look_behind(page, "Sample district (made-up)")
    assert page.query_params["district"] == "sample"
    assert "Sample data: no real child is in it." in told(page)
    assert "What Springfield USD shared" in labels(open_page("districts", district="springfield-usd"))


def test_numbers_are_known_without_opening_a_roster(open_page: Open, store: Store) -> None:
    """A district nobody opened since the start is counted once in the background, and told from the store then."""
    upload(open_page("districts"), "Springfield USD", FILES)
    rules = RuleSet().to_json()
    store.rule_sets.save_draft("springfield-usd", rules, expected_revision=0, actor="dana", now=datetime.now(UTC))
    page = open_page("districts", district="sample")
    finish_jobs()
    counted = store.known.counts()["springfield-usd"]
    assert (counted.in_scope, counted.one) == (1, 1) and counted.blockers is not None
    assert rows(page.run())["Springfield USD"]["In exactly one"] == 100
    store.known.keep_counts("springfield-usd", replace(counted, one=0, none=1))
    assert rows(page.run())["Springfield USD"]["In exactly one"] == 0


def test_the_sample_can_go_once_a_real_district_is_there(open_page: Open, store: Store) -> None:
    """It is offered behind the sample's row only beside real ones, and takes all of it out of the store."""
    page = open_page("districts")
    assert "remove_sample" not in [button.key for button in page.button]
    page = look_behind(upload(page, "Springfield USD", FILES), "Sample district (made-up)")
    page.button(key="remove_sample").click().run()
    assert not page.exception
    assert list(rows(page)) == ["Springfield USD"]
    assert store.rosters.latest("sample") is None
    assert [entry.action for entry in store.activity.list("sample")][0] == "delete-district"


def test_a_committed_sample_is_for_an_admin_to_delete(
    open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A roster that somebody committed under the sample's id is not a reviewer's to take out; it stays in force."""
    upload(open_page("districts"), "Springfield USD", FILES)
    plan = a_plan(store, district_id="sample")
    store.ledger.commit(plan, a_receipt(plan))
    people(monkeypatch)
    server.st.cache_resource.clear()
    for role, stays in (("reviewer", True), ("admin", False)):
        page = page_of("districts", SOMEBODY[role]).run()
        page = look_behind(page, "Sample district (made-up)")
        page.button(key="remove_sample").click().run()
        assert ("An admin deletes it" in told(page)) is stays
        assert bool(store.ledger.receipts("sample")) is stays


def test_a_long_list_is_narrowed_by_words_owner_and_flag(open_page: Open, store: Store) -> None:
    """The fields appear where a list is no longer read at a glance; what they leave out is said."""
    old = datetime.now(UTC) - timedelta(days=3)
    for number in range(6):
        roster = sample_district(30, number, fetched_at=old)
        told_of = replace(roster.district, id=f"d{number}", name=f"District {number}")
        store.rosters.save(replace(roster, district=told_of, source="clever"))
    page = open_page("districts")
    assert "Old roster 6" in told(page)
    page.text_input(key="district_words").set_value("district 4").run()
    assert list(rows(page)) == ["District 4"]
    assert "1 shown" in told(page)
    page.text_input(key="district_words").set_value("nowhere").run()
    assert "No district fits" in told(page)
    page.text_input(key="district_words").set_value("").run()
    page.selectbox(key="district_flag").set_value("Old roster").run()
    assert len(rows(page)) == 6
    page.selectbox(key="district_owner").set_value("us").run()
    assert len(rows(page)) == 6


def test_why_a_district_is_flagged_is_behind_its_row(open_page: Open, store: Store) -> None:
    """Every call for attention is a sentence, and drift counts only while the commit it is of is in force."""
    page = upload(open_page("districts"), "Springfield USD", FILES, datetime.now(UTC).date() - timedelta(days=5))
    assert "Ask for new files." in told(page)
    assert rows(page)["Springfield USD"]["Flag"] == "▲ Old roster"
    held = store.rosters.latest("springfield-usd").fingerprint
    gone = Drifted("another-receipt", held, datetime.now(UTC), 3, True, ("3 students are gone.",))
    store.known.keep_drift("springfield-usd", gone)
    assert "3 students are gone" not in told(page.run())


def test_connected_districts_appear_by_themselves_and_are_loaded(
    data_dir: Path, clever: AwkwardClever, open_page: Open, store: Store
) -> None:
    """The list is asked for at a visit, once in ten minutes; a new one is a row that offers to load it."""
    page = visit(open_page)
    assert rows(page)["Oak"]["Flag"] == "▲ New"
    assert clever.paths().count("/oauth/tokens") == 1
    for _ in range(3):
        page.run()
    visit(open_page)
    assert clever.paths().count("/oauth/tokens") == 1
    page = load(page, "Oak")
    assert "Loaded Oak" in told(page)
    assert page.query_params["district"] == "oak-district"
    assert "Clever syncs with the district" in told(page) or "Clever last heard" in told(page)
    before = store.rosters.latest("oak-district").fetched_at
    page.button(key="refresh").click().run()
    finish_jobs()
    assert "Nothing changed." in told(page.run())
    assert store.rosters.latest("oak-district").fetched_at > before
    assert "-token" not in told(page)


def test_a_district_that_clever_cannot_read_says_why_and_what_to_do(
    data_dir: Path, clever: AwkwardClever, open_page: Open
) -> None:
    """Errors and pauses are told in words, with whose move it is."""
    clever.districts["Oak-token"]["districts"][0].update(state="pending", error="The file is empty.")
    clever.districts["Ash-token"]["districts"][0].update(state="paused", pause_end="2027-01-02")
    page = look_behind(visit(open_page), "Oak")
    assert rows(page)["Oak"]["Flag"] == "▲ Clever trouble"
    assert 'It says "The file is empty."' in told(page) and "Ask the district to mend its sync." in told(page)
    assert "paused until 2 Jan 2027" in told(look_behind(page, "Ash"))


def test_a_list_that_cannot_be_had_is_told_once_and_changes_nothing(
    data_dir: Path, clever: AwkwardClever, open_page: Open, store: Store
) -> None:
    """A failed listing is one clear message that is not repeated; the districts that are here stay."""
    clever.faults = {"": [status(401)] * 20}
    page = visit(open_page)
    assert "CLEVER_CLIENT_SECRET" in told(page)
    asked = len(clever.asked)
    next(button for button in page.button if button.label == "Dismiss").click().run()
    finish_jobs()
    page.run()
    assert len(clever.asked) == asked
    assert "It gave no answer then." in told(page)
    assert [record.id for record in store.districts.list()] == ["sample"]


def loaded(open_page: Open) -> AppTest:
    """The page with the three districts loaded."""
    page = visit(open_page)
    for name in ("Ash", "Elm", "Oak"):
        page = load(page, name)
    return page


def test_refreshing_all_names_what_failed_and_what_changed(
    data_dir: Path, clever: AwkwardClever, open_page: Open, store: Store
) -> None:
    """One of three fails and keeps its old roster; the others go on; those that send files are to be asked."""
    page = upload(loaded(open_page), "Springfield USD", FILES)
    before = store.rosters.latest("elm-district").fetched_at
    clever.refused_tokens.add("Elm-token")
    clever.districts["Oak-token"] = a_district("Oak", students=31)
    page.button(key="refresh_all").click().run()
    finish_jobs()
    page.run()
    text = told(page)
    assert "1 changed, 1 as before, 1 failed" in text
    assert "Elm keeps its old roster." in text.replace("*", "") and "token was refused" in text
    assert "1 student is new." in text
    assert "As before**: Ash" in text and "Ask for new files**: Springfield USD" in text
    assert store.rosters.latest("elm-district").fetched_at == before
    assert store.rosters.latest("ash-district").fetched_at > before
    next(button for button in page.button if button.label == "Dismiss").click().run()
    assert "what changed" not in told(page)


def test_refreshing_all_can_be_stopped(data_dir: Path, clever: AwkwardClever, open_page: Open, store: Store) -> None:
    """A district that was not reached keeps its roster and is named."""
    page = loaded(open_page)
    before = {info.district_id: info.fetched_at for info in store.rosters.list()}

    def stop(handler: Handler, body: bytes) -> None:
        server._jobs().cancel("refresh-all", "")
        handler.reply(200, body)

    clever.faults = {"/sections": [stop]}
    page.button(key="refresh_all").click().run()
    finish_jobs()
    page.run()
    assert "Stopped before these were reached: Ash, Elm, Oak" in told(page)
    assert {info.district_id: info.fetched_at for info in store.rosters.list()} == before


def labels(page: AppTest) -> list[str]:
    """The labels of what is folded away on the page."""
    return [block.label for block in page.expander]


def add_by_name(page: AppTest, name: str, state: str = "") -> AppTest:
    """Adds a district by its name, as the form does."""
    turn = next(box.key for box in page.text_input if box.key.startswith("named_")).rsplit("_", 1)[1]
    page.text_input(key=f"named_{turn}").set_value(name).run()
    page.selectbox(key=f"named_state_{turn}").set_value(state)
    page.button(key="add_named").click().run()
    assert not page.exception
    return page


def test_a_district_is_added_by_name_and_taken_out_again(open_page: Open, store: Store) -> None:
    """It is a row of its own, looked behind at once; a name that is there already is refused in words."""
    page = add_by_name(open_page("districts"), "Oak Park USD", "IL")
    assert "Oak Park USD, IL" in rows(page)
    assert "Clever connects no new district that this one could be." in told(page)
    assert "There is a district of this name already" in told_twice(add_by_name(page, "oak park usd"))
    page.button(key="remove_named").click().run()
    assert list(rows(page)) == ["Sample district (made-up)"]
    assert [record.id for record in store.districts.list()] == ["sample"]


def told_twice(page: AppTest) -> str:
    """What the page says with its warnings."""
    return told(page) + "".join(warning.value.replace("\\", "") for warning in page.warning)


def test_a_named_district_is_linked_when_it_connects(
    data_dir: Path, clever: AwkwardClever, open_page: Open, store: Store
) -> None:
    """The nearest name is offered first; rules made before move along, and the row by name goes."""
    clever.districts["Oak-token"]["districts"][0]["name"] = "Park School District of Oak"
    page = add_by_name(visit(open_page), "Oak Park School District", "IL")
    store.rule_sets.save_draft(
        "oak-park-school-district", RuleSet().to_json(), expected_revision=0, actor="dana", now=datetime.now(UTC)
    )
    choice = page.selectbox(key="link_to_oak-park-school-district")
    assert choice.value == "oak-district"
    page.button(key="link").click().run()
    assert not page.exception
    assert sorted(rows(page)) == ["Ash", "Elm", "Park School District of Oak, IL", "Sample district (made-up)"]
    assert store.rule_sets.draft("oak-district") is not None
    page = load(page, "Park School District of Oak, IL")
    assert rows(page)["Park School District of Oak, IL"]["In exactly one"] is not None
    assert store.districts.get("oak-district").state == "IL"


def test_a_store_without_a_district_says_what_to_do_next(open_page: Open, store: Store) -> None:
    """Everything was deleted: an empty state, and the ways to bring a district in."""
    open_page("districts")
    store.districts.delete("sample", actor="dana", now=datetime.now(UTC))
    page = open_page("districts")
    assert "No district yet" in told(page)
    assert page.button(key="load_sample")


def test_the_list_is_narrowed_to_a_colleagues_districts(open_page: Open, store: Store) -> None:
    """Who looks after a district is kept with its launch; the field is there once somebody is named."""
    for number in range(6):
        store.districts.add_named(f"District {number}", actor="dana", now=datetime.now(UTC))
    page = open_page("districts")
    assert "district_colleague" not in [box.key for box in page.selectbox]
    kept = Onboarding(looked_after_by="Lee", dates=WindowDates(opens=datetime.now(UTC).date() + timedelta(days=40)))
    store.onboarding.save(
        "district-3", kept, expected_revision=0, actor="dana", now=datetime.now(UTC), action="set-people"
    )
    page = open_page("districts")
    assert rows(page)["District 3"]["Days left"] in (39, 40, 41)
    page.selectbox(key="district_colleague").set_value("Lee").run()
    assert list(rows(page)) == ["District 3"]
