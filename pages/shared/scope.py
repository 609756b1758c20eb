"""Who is assessed: the grades and schools of the draft, asked for once and shown everywhere."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.shared import fold_outs, services, state, widgets
from roster_core.coverage import Coverage
from roster_core.roster import Roster, ordered_grades
from roster_core.rules import RuleSet

#: What is proposed at first: the grades SELweb is made for.
PROPOSED_GRADES = ("Kindergarten", *(str(grade) for grade in range(1, 9)))


def answered(district: str) -> bool:
    """Whether somebody has said who is assessed: a draft or saved rules exist."""
    return services.stored_draft(district) is not None or services.saved_rules(district) is not None


def question(district: str, roster: Roster) -> None:
    """Asks once who is assessed, with a proposal, and shows whom the answer leaves out."""
    with st.container(border=True):
        st.markdown("**Who is assessed?**")
        if not services.may("reviewer"):
            st.write("Nobody has said it yet. A reviewer must, before anything is counted.")
            return
        present = [grade for grade in ordered_grades(roster.students["grade"]) if grade]
        proposal = tuple(grade for grade in PROPOSED_GRADES if grade in present) or tuple(present)
        _form(district, roster, replace(state.draft(district), assessed_grades=proposal), "Assess these students")


def line(district: str, coverage: Coverage) -> bool:
    """One line: who is assessed, who is not counted and why; gives whether somebody wants to change it."""
    rule_set = coverage.rule_set
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        schools = len(rule_set.assessed_schools)
        of = len(coverage.roster.schools)
        where = f"{schools} of {of} schools" if schools else f"all {of} schools" if of != 1 else "its one school"
        grades = widgets.grades_text(rule_set.assessed_grades)
        withheld = coverage.roster.withheld
        unnamed = "" if withheld is None else f"  ·  no names held of {widgets.number(int(withheld.sum()))}"
        st.caption(f"Assessing {grades}, {where}  ·  {_left_out(coverage)}{unnamed}", width="content")
        return services.may("reviewer") and fold_outs.button(district, f"{district}:scope", "Change who is assessed")


def change(district: str, roster: Roster) -> None:
    """Draws the grades and schools that are assessed, to be changed."""
    _form(district, roster, state.draft(district), "Use these")


def _form(district: str, roster: Roster, start: RuleSet, label: str) -> None:
    present = [grade for grade in ordered_grades(roster.students["grade"]) if grade]
    names = dict(zip(roster.schools["school_id"], roster.schools["school_name"], strict=True))
    grades = st.multiselect(
        "Grades (none chosen: every grade)",
        present,
        default=[grade for grade in start.assessed_grades if grade in present],
        format_func=widgets.grade_label,
        key=f"scope_grades_{district}",
    )
    schools = st.multiselect(
        "Schools (none chosen: every school)",
        list(names),
        default=[school for school in start.assessed_schools if school in names],
        format_func=lambda school: names[school] or school,
        key=f"scope_schools_{district}",
    )
    wanted = replace(start, assessed_grades=tuple(grades), assessed_schools=tuple(schools))
    tried = services.coverage(roster, replace(wanted, rules=(), pins=()))
    st.write(f"{widgets.count(tried.in_scope, 'student')} assessed. {_left_out(tried).capitalize()}.")
    if told := _held_of(tried):
        st.caption(told)
    st.button(label, type="primary", key=f"scope_use_{district}", on_click=_use, args=(district, wanted))


def _use(district: str, wanted: RuleSet) -> None:
    if wanted == state.draft(district):
        # Nothing to change, but the question is answered: the draft is kept as it stands.
        state.keep(district)
    state.set_draft(district, wanted, "who is assessed")
    fold_outs.close(district)


def _held_of(tried: Coverage) -> str:
    """What choosing this scope means for the names this app holds."""
    withheld = tried.roster.withheld
    if withheld is not None and (lacking := int((withheld & tried.scope_mask).sum())):
        return (
            f"Of {widgets.count(lacking, 'student')} of these no name, number or birthdate is held, because nobody "
            "assessed them. After choosing this, refresh the district or upload its files again."
        )
    if not tried.out_of_scope:
        return ""
    return (
        "Of students who are not assessed this app keeps no name, number or birthdate, unless other rules of the "
        "district assess them. To assess them later, load the roster again."
    )


def _left_out(coverage: Coverage) -> str:
    reasons = coverage.out_of_scope_reasons()
    if not coverage.out_of_scope:
        return "everybody is counted"
    words = {"grade": "in other grades", "school": "in other schools", "no_usable_grade": "without a usable grade"}
    told = [f"{widgets.number(reasons.get(key, 0))} {text}" for key, text in words.items() if reasons.get(key, 0)]
    return f"not counted: {', '.join(told)}"
