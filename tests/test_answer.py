"""One look-up says why a student is not rostered, what it would take, and who must act."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from roster_core.answer import DISTRICT, NOBODY, US, answer, what_it_takes
from roster_core.coverage import ONE, Coverage, evaluate
from roster_core.least import Scope, outside, without_details
from roster_core.plan import CurrentRoster, plan_commit
from roster_core.rules import Condition, Pin, Rule, RuleSet
from tests.builders import HOMEROOMS, district
from tests.strategies import districts, roster_of, rule_sets

TO_FOLLOW = Pin("u1", None, "to_follow", "Birthdate missing", "district", "2026-12-01")


def _committed() -> CurrentRoster:
    plan = plan_commit(district(), HOMEROOMS, district_id="d1")
    return CurrentRoster("r1", plan.rows, HOMEROOMS.to_json())


def _told(coverage: Coverage, student_id: str = "u1", committed: CurrentRoster | None = None) -> tuple[str, str, str]:
    found = answer(coverage, student_id, committed=committed, committed_at="2 Sep", shared_on="23 Nov")
    return found.kind, found.who, found.sentence


@pytest.mark.parametrize(
    ("coverage", "committed", "expected"),
    [
        (evaluate(district(), HOMEROOMS), True,
         ("rostered", NOBODY, 'Student 1001 is rostered in "Homeroom 1" since 2 Sep.')),
        (evaluate(district(), RuleSet()), True,
         ("rostered", US, 'Student 1001 is rostered in "Homeroom 1" since 2 Sep. '
          "The rules now leave them in 2 kept sections.")),
        (evaluate(district(), HOMEROOMS), False,
         ("ready", US, 'Student 1001 is in exactly one kept section, "Homeroom 1", '
          "but the roster is not committed yet.")),
        (evaluate(district(), RuleSet()), False,
         ("several", US, 'Student 1001 is in 2 kept sections: "Homeroom 1" (kept: there is no keep rule, and no drop '
          'rule matches), "Math" (kept: there is no keep rule, and no drop rule matches).')),
        (evaluate(district(unenrolled=[("u1", "h1")]), HOMEROOMS), False,
         ("none", US, 'Student 1001 is in no kept section. "Math" (no keep rule matches).')),
        (evaluate(district(), HOMEROOMS.with_pins(Pin("u1", "h2", reason="Moved"))), False,
         ("none", US, "Student 1001 is pinned to a section they are not in, so they are in no kept section.")),
        (evaluate(district(unenrolled=[("u1", "h1"), ("u1", "m1")]), HOMEROOMS), False,
         ("none", DISTRICT, "Student 1001 is in no section at all.")),
        (evaluate(district(), replace(HOMEROOMS, assessed_grades=("2",))), False,
         ("not_assessed", NOBODY, "Student 1001 is not assessed: grade 1 is not assessed (only grade 2).")),
        (evaluate(district(), replace(HOMEROOMS, assessed_schools=("B",))), False,
         ("not_assessed", NOBODY, "Student 1001 is not assessed: the school School A is not assessed.")),
        (evaluate(district(changed={"u1": {"grade_raw": "Blue"}}), replace(HOMEROOMS, assessed_grades=("1",))), False,
         ("not_assessed", DISTRICT, "Student 1001 is not assessed because no usable grade is shared for them; "
          'the grade shared is "Blue".')),
        (evaluate(district(), HOMEROOMS.with_pins(Pin("u1", None, reason="Family opted out"))), False,
         ("excused", NOBODY, "Student 1001 is excused. Not assessed: Family opted out.")),
        (evaluate(district(), HOMEROOMS.with_pins(TO_FOLLOW)), False,
         ("excused", DISTRICT, "Student 1001 is excused. To follow: Birthdate missing (district, 2026-12-01).")),
    ],
    ids=["rostered", "rostered, now broken", "ready", "several", "none", "stale pin", "no section", "grade", "school",
         "no grade", "excused", "to follow"],
)  # fmt: skip
def test_one_answer(coverage: Coverage, committed: bool, expected: tuple[str, str, str]) -> None:
    """Each student has one answer, with the reason and who must act."""
    assert _told(coverage, committed=_committed() if committed else None) == expected


def test_a_student_who_is_not_shared() -> None:
    """An unknown id is not in the data; a committed student who has gone is told as rostered and gone."""
    coverage = evaluate(district(), HOMEROOMS)
    gone = _committed()
    gone.rows.loc[0, "student_id"] = "u99"

    assert _told(coverage, "u99") == ("not_shared", DISTRICT, "Student u99 is not in the data shared on 23 Nov.")
    assert _told(coverage, "u99", gone) == (
        "rostered",
        DISTRICT,
        'Student u99 is rostered in "Homeroom 1" since 2 Sep. They are not in the data shared on 23 Nov.',
    )


def test_a_number_may_be_that_of_a_student_kept_without_one() -> None:
    """Where students outside the scope are kept without their number, nobody is said not to be shared."""
    rules = replace(HOMEROOMS, assessed_grades=("1",))
    whole = district()
    kept = without_details(whole, outside(whole, [Scope(("1",), ())]))
    kind, who, said = _told(evaluate(kept, rules), "987654")

    assert (kind, who) == ("not_shared", DISTRICT)
    assert "is not in the data" not in said and "their numbers are not kept" in said


def test_another_section_of_the_same_name_is_another_section() -> None:
    """A student who moves between two rooms called alike is not told as settled; which room is said by its id."""
    alike = {"h1": {"section_name": "Homeroom"}, "h2": {"section_name": "Homeroom", "section_sis_id": "SIS-2"}}
    moved = district(changed=alike, unenrolled=[("u1", "h1")], enrolled=[("u1", "h2")])
    committed = CurrentRoster("r1", plan_commit(district(changed=alike), HOMEROOMS).rows, HOMEROOMS.to_json())

    kind, who, sentence = _told(evaluate(moved, HOMEROOMS), committed=committed)
    assert (kind, who) == ("rostered", US)
    assert 'another section of that name, "Homeroom" (section SIS-2).' in sentence


def test_sections_that_are_called_alike_or_nothing_are_told_apart() -> None:
    """Where the name says too little, the district's own id stands beside it, in what is copied and what is chosen."""
    changed = {
        "h1": {"section_name": "Homeroom", "section_sis_id": "SIS-1"},
        "h2": {"section_name": "Homeroom", "section_sis_id": ""},
        "m1": {"section_name": "", "section_sis_id": "SIS-3"},
    }
    coverage = evaluate(district(changed=changed, enrolled=[("u1", "h2")]), RuleSet())
    told = answer(coverage, "u1", shared_on="23 Nov").text_for_district
    pins = [remedy.sentence for remedy in what_it_takes(coverage, "u1") if remedy.kind == "pin"]

    assert '"Homeroom" (section SIS-1), "Homeroom" (section h2), section SIS-3. Which one is theirs?' in told
    assert len(set(pins)) == len(pins) == 3


@pytest.mark.parametrize("rule_set", [HOMEROOMS, RuleSet(), HOMEROOMS.with_pins(TO_FOLLOW)], ids=["one", "two", "pin"])
def test_no_text_names_a_student(rule_set: RuleSet) -> None:
    """The number stands for the student in every text that can be copied, the id where there is no number."""
    found = answer(evaluate(district(), rule_set), "u1", shared_on="23 Nov")
    nameless = district(changed={"u1": {"student_number": "", "sis_id": ""}})
    told = [found.sentence, found.next_step, found.text_for_district]

    assert "1001" in found.text_for_district
    assert not any("First1" in text or "Last1" in text or "2020-" in text for text in told)
    assert "Student u1 " in answer(evaluate(nameless, rule_set), "u1", shared_on="23 Nov").text_for_district


@pytest.mark.parametrize(
    ("coverage", "kinds", "first"),
    [
        (evaluate(district(), HOMEROOMS), [], ""),
        (evaluate(district(), RuleSet()), ["rule", "pin", "pin", "ask"], "Drop sections whose section name contains"),
        (evaluate(district(unenrolled=[("u1", "h1")]), HOMEROOMS), ["pin", "ask"], 'Pin the student to "Math"'),
        (evaluate(district(unenrolled=[("u1", "h1"), ("u1", "m1")]), HOMEROOMS), ["ask"], "Ask the district to put"),
        (evaluate(district(), replace(HOMEROOMS, assessed_grades=("2",))), ["scope"], "Add the grade"),
        (evaluate(district(), HOMEROOMS.with_pins(TO_FOLLOW)), ["unpin"], "Take back the decision made by hand"),
        (evaluate(district(), HOMEROOMS.with_pins(Pin("u1", "h2"))), ["unpin", "ask"], "Take back the decision"),
    ],
    ids=["in one", "several", "none", "no section", "scope", "excused", "pinned elsewhere"],
)
def test_what_it_takes(coverage: Coverage, kinds: list[str], first: str) -> None:
    """The smallest change comes first: a rule that settles others too, then a pin, then a word to the district."""
    found = what_it_takes(coverage, "u1")
    seen = list(dict.fromkeys(remedy.kind for remedy in found))

    assert seen == list(dict.fromkeys(kinds))
    assert not first or found[0].sentence.startswith(first)


def test_an_unknown_student_is_asked_for() -> None:
    """For an id nobody knows only the district can help."""
    (only,) = what_it_takes(evaluate(district(), HOMEROOMS), "u99")

    assert (only.kind, only.who) == ("ask", DISTRICT)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=districts(), rule_set=rule_sets)
def test_every_remedy_does_what_it_says(rows: tuple, rule_set: RuleSet) -> None:
    """Whatever the district and the rules, each student has an answer, and a rule or pin brings them to one."""
    coverage = evaluate(roster_of(*rows), rule_set)
    kinds = {-1: "not_assessed", 0: "none", 1: "ready", 2: "several", 3: "excused"}
    for place, student_id in enumerate(coverage.roster.students["student_id"].tolist()[:2]):
        assert _told(coverage, student_id)[0] == kinds[int(coverage.status[place])]
        for remedy in what_it_takes(coverage, student_id):
            changed = rule_set
            if remedy.kind == "pin" and remedy.pin is not None:
                changed = rule_set.with_pins(remedy.pin)
            elif remedy.kind == "rule":
                changed = _with_rule(rule_set, remedy.rule, remedy.place)
            elif remedy.kind == "unpin":
                changed = rule_set.without_pins(student_id)
            after = evaluate(coverage.roster, changed)
            assert remedy.one_after == after.one
            assert remedy.kind not in ("pin", "rule") or after.status[place] == ONE


def _with_rule(rule_set: RuleSet, rule: Rule | None, place: int | None) -> RuleSet:
    if place is None:
        assert rule is not None
        return rule_set.with_rule(rule)
    return rule_set.without_rule(place) if rule is None else rule_set.replace_rule(place, rule)


def test_a_rule_for_the_group_comes_before_a_pin() -> None:
    """Where one rule settles everybody in the same trouble and breaks nobody, it is the smallest change."""
    keep_all = RuleSet(rules=(Rule("keep", (Condition("section_name", "contains", ("Homeroom", "Math")),)),))
    found = what_it_takes(evaluate(district(), keep_all), "u1")

    assert found[0].kind == "rule"
    assert (found[0].settles, found[0].breaks, found[0].one_after) == (8, 0, 8)
