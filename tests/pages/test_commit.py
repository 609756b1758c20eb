"""The commit page: causes, what changes, typed confirmation, receipt, hold, restore."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import committing, services
from pages.shared.commit_views import change_table
from roster_core.adapters.store import Store
from roster_core.preflight import run_preflight
from roster_core.roster import Roster
from roster_core.rules import Condition, Pin, Rule, RuleSet
from tests.pages.conftest import Open, finish_jobs, told

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KEEP = Rule("keep", (Condition("section_name", "starts_with", ("Homeroom", "HR ", "Grade", "Advisory")),))


def ready_rules(roster: Roster) -> RuleSet:
    """Rules of the sample district with everybody whom they or the preflight cannot settle excused."""
    rules = RuleSet(name="Homerooms and advisories", rules=(KEEP,))
    found = run_preflight(roster, rules).findings
    blocked = {student for each in found if each.severity == "blocker" for student in each.student_ids}
    return rules.with_pins(*(Pin(student, None, "not_assessed", "Family opted out") for student in sorted(blocked)))


def keep(store: Store, rules: RuleSet, *, by: str = "Bo", name: str = "") -> None:
    """Keeps the rules (under another name, if one is given) as the draft, as a colleague would."""
    held = store.rule_sets.draft("sample")
    text = (replace(rules, name=name) if name else rules).to_json()
    store.rule_sets.save_draft("sample", text, expected_revision=held.revision if held else 0, actor=by, now=NOW)


@pytest.fixture
def ready(open_page: Open, store: Store) -> RuleSet:
    """The sample district with a draft that leaves nothing to settle."""
    open_page("districts")
    info = store.rosters.latest("sample")
    rules = ready_rules(store.rosters.load(info.fingerprint, "sample"))
    keep(store, rules)
    return rules


def confirm(page: AppTest, text: str | None = None) -> AppTest:
    """Types the confirmation the page asks for (or the given text)."""
    box = next(box for box in page.text_input if "_typed_" in box.key)
    wanted = box.label.rsplit(": ", 1)[1].replace("\\", "")
    return box.set_value(wanted if text is None else text).run()


def commit(page: AppTest) -> AppTest:
    """Confirms, commits, and waits for the receipt."""
    confirm(page)
    page.button(key="commit").click().run()
    finish_jobs()
    return page.run()


def test_blockers_are_grouped_by_cause_with_who_must_act(open_page: Open, store: Store) -> None:
    """A district with no rules yet says how many blockers there are, from which causes, and whose they are."""
    open_page("districts")
    keep(store, RuleSet(name="Nothing yet"))
    page = open_page("commit")
    assert "must be settled first" in told(page)
    assert "Ours to settle" in told(page)
    assert page.button(key="commit").disabled


def test_the_students_of_a_cause_are_seen_on_their_page(open_page: Open, store: Store) -> None:
    """The list of a cause opens Students with its students as a filter that says what they share."""
    open_page("districts")
    keep(store, RuleSet(rules=(KEEP,)))
    roster = store.rosters.load(store.rosters.latest("sample").fingerprint, "sample")
    cause = next(each for each in run_preflight(roster, RuleSet(rules=(KEEP,))).causes if each.student_ids)
    page = open_page("commit")
    key = f"{cause.code}_{hash((cause.title, cause.student_ids, cause.section_ids))}"
    page.button(key=f"list_{key}").click().run()
    page.button(key=f"bring_{key}").click().run()
    students = open_page("students")
    students.session_state["selection:group:sample"] = page.session_state["selection:group:sample"]
    said = told(students.run()).replace("\\", "")
    assert f"{cause.students} student" in said and cause.title.split(" ", 2)[2] in said


def test_a_ready_roster_is_committed_after_it_is_typed_out(ready: RuleSet, open_page: Open, store: Store) -> None:
    """The button stays off until district and number are typed; then a job commits and the receipt says where to."""
    page = open_page("commit")
    assert "Ready: nothing stops the commit." in told(page)
    assert "Nothing has been sent to SELweb." in told(page)
    assert page.button(key="commit").disabled
    confirm(page, "yes")
    assert page.button(key="commit").disabled
    page = commit(page)
    receipt = store.ledger.receipts("sample")[0]
    assert receipt.students == 2_000 - len(ready.pins)
    assert f"Rostered {receipt.students:,} students: recorded here, not yet in SELweb." in told(page)
    assert receipt.receipt_id in told(page)
    assert "in force already" in told(page)


def test_the_button_names_district_and_number(ready: RuleSet, open_page: Open) -> None:
    """What would happen is said on the button itself."""
    page = open_page("commit")
    count = 2_000 - len(ready.pins)
    assert page.button(key="commit").label == f"Roster {count:,} students of Sample district (made-up)"


def test_a_commit_saves_the_rules_it_was_made_with(ready: RuleSet, open_page: Open, store: Store) -> None:
    """The draft that was committed is a saved version from then on."""
    commit(open_page("commit"))
    assert store.rule_sets.get("sample").rule_set == ready


def test_a_large_change_is_held_until_a_reason_is_given(ready: RuleSet, open_page: Open, store: Store) -> None:
    """Dropping a fifth of the students stops the commit; a person's reason lets it go on and is in the receipt."""
    commit(open_page("commit"))
    keep(store, replace(ready, assessed_grades=("1", "2", "3", "4", "5", "6", "7")))
    page = open_page("commit")
    assert "Held: " in told(page) and "under 2 below" in told(page)
    assert page.button(key="commit").disabled
    assert [box.label.split(":")[0] for box in page.expander if str(box.label).startswith("Removed")] == ["Removed"]
    box = next(box for box in page.text_input if box.key.startswith("approval_"))
    box.set_value("Eighth grade is assessed in spring").run()
    assert "Ready" in told(page)
    commit(page)
    assert store.ledger.receipts("sample")[0].approval == "Eighth grade is assessed in spring"


def test_a_list_of_changes_names_sections_and_what_differs_in_words() -> None:
    """Who moved has the section before; who is updated, what differs; no column is called as the code calls it."""
    moved = pd.DataFrame({"student_id": ["s1"], "grade": ["1"], "school_name": ["A"], "section_id": ["x"],
                          "section_name": ["Two"], "from_section_name": ["One"]})  # fmt: skip
    assert list(change_table(moved).columns) == ["Student id", "Grade", "School", "Section before", "Section"]
    differs = "last_name, teacher_id, teacher_name, co_teacher_ids"
    updated = moved.drop(columns="from_section_name").assign(changed=differs)
    assert change_table(updated)["What differs"].tolist() == ["Last name, Teacher, Co-teachers"]


def test_an_earlier_roster_is_restored_with_its_change_shown_first(
    ready: RuleSet, open_page: Open, store: Store
) -> None:
    """Restore shows what would change, asks for the same confirmation, and makes a new receipt."""
    commit(open_page("commit"))
    first = store.ledger.receipts("sample")[0]
    student = store.ledger.rows(first.receipt_id)["student_id"].iloc[0]
    keep(store, ready.with_pins(Pin(student, None, "not_assessed", "Left the district")))
    page = commit(open_page("commit"))
    page.button(key=f"restore_{first.receipt_id}").click().run()
    assert "1 come back" in told(page)
    assert "New: 1 student" in [box.label for box in page.expander]
    assert page.button(key="restore_now").disabled
    box = next(box for box in page.text_input if box.key.startswith("restore_typed"))
    box.set_value(box.label.rsplit(": ", 1)[1].replace("\\", "")).run()
    page.button(key="restore_now").click().run()
    finish_jobs()
    page.run()
    newest = store.ledger.receipts("sample")[0]
    assert (newest.kind, newest.students) == ("restore", first.students)
    assert "Restored" in told(page)


def test_a_commit_of_another_session_is_told_and_not_overrun(ready: RuleSet, open_page: Open, store: Store) -> None:
    """Two people confirm the same change: it is committed once, and the second is answered."""
    mine, theirs = open_page("commit"), open_page("commit")
    confirm(mine)
    commit(theirs)
    mine.button(key="commit").click().run()
    finish_jobs()
    mine.run()
    assert len(store.ledger.receipts("sample")) == 1


def test_a_page_from_before_a_deletion_commits_nothing(ready: RuleSet, open_page: Open, store: Store) -> None:
    """Where somebody deleted the district, on the command line say, what an open page would commit stays gone."""
    page = confirm(open_page("commit"))
    store.districts.delete("sample", actor="lee (command line)", now=NOW)
    page.button(key="commit").click().run()
    finish_jobs()
    job = services.job(committing.KIND, "sample")
    assert (job.state, str(job.error)) == ("failed", committing._GONE)
    assert (store.ledger.receipts("sample"), store.rule_sets.versions("sample")) == ([], [])


def test_an_unfinished_rule_is_finished_first(ready: RuleSet, open_page: Open) -> None:
    """A rule that is still being typed stops the page with the place to finish it."""
    page = open_page("commit")
    desk = page.session_state["desk:sample"]
    typing = Rule("drop", (Condition("section_name", "contains", ("",)),))
    page.session_state["desk:sample"] = replace(desk, rule_set=desk.rule_set.with_rule(typing))
    page.run()
    assert "A rule is unfinished" in told(page)


def test_names_are_masked_until_they_are_revealed(ready: RuleSet, open_page: Open) -> None:
    """Class lists show first letters only; the switch shows names and birthdates in this session."""
    page = open_page("commit")
    page.session_state["class_lists"] = True
    page.run()
    listed = next(frame.value for frame in page.dataframe if "last_name" in frame.value.columns)
    assert listed["last_name"].str.endswith("•••").all()
    page.toggle(key="reveal_names").set_value(True).run()
    listed = next(frame.value for frame in page.dataframe if "last_name" in frame.value.columns)
    assert not listed["last_name"].str.endswith("•••").any()


def test_excused_students_are_told_beside_the_commit(ready: RuleSet, open_page: Open) -> None:
    """How many are left out on purpose is said, and who is to follow apart."""
    page = open_page("commit")
    assert f"{len(ready.pins)} not assessed, 0 to follow" in "".join(box.label for box in page.expander)


def test_revealing_names_is_written_down(ready: RuleSet, open_page: Open, store: Store) -> None:
    """Who revealed names, and in which district, is in the activity log; the names are not."""
    open_page("commit").toggle(key="reveal_names").set_value(True).run()
    newest = store.activity.list("sample", limit=1)[0]
    assert (newest.action, newest.actor, newest.detail) == ("reveal-names", "local user", {})


def test_a_committed_roster_says_since_when_it_is_in_force(ready: RuleSet, open_page: Open) -> None:
    """The next step of a district with nothing left to do is told as done."""
    commit(open_page("commit"))
    assert "in force since" in told(open_page("districts"))


def test_each_districts_preflight_is_written_down(open_page: Open, store: Store, ready: RuleSet) -> None:
    """Two districts with the same rules and no roster in force yet are two looks, and looking again is none."""
    info = store.rosters.latest("sample")
    other = store.rosters.load(info.fingerprint, "sample")
    store.rosters.save(replace(other, district=replace(other.district, id="elm", name="Elm")))
    store.rule_sets.save_draft("elm", ready.to_json(), expected_revision=0, actor="Bo", now=NOW)
    for district in ("sample", "elm", "sample"):
        open_page("commit", district=district)
    looked = [entry.district_id for entry in store.activity.list() if entry.action == "preflight"]
    assert sorted(looked) == ["elm", "sample"]
