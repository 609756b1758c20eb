"""Drawing pieces of an approval: the reason of a held change, or a second person's word where one is needed."""

from __future__ import annotations

import streamlit as st

from pages.shared import services, state, widgets
from pages.shared.services import approving
from roster_core.errors import RosterError
from roster_core.plan import CommitPlan
from roster_core.second_person import Approval

_NEEDED = (
    "A second person approves this: somebody who may commit and did not change these rules. "
    "The approval counts for exactly this plan."
)


def approve(plan: CommitPlan) -> tuple[str, bool]:
    """Draws what the plan's approval takes; gives the reason ('' where none) and whether it still waits for one."""
    second = approving.second_for(plan)
    if second is not None:
        with st.container(border=True, gap="small"):
            _second(plan, second.approval)
        return second.reason, not second.reason
    if not plan.held or not services.may("committer"):
        return "", plan.held
    text = st.text_input(
        "Why this large change is right (who approves it, and the reason)",
        key=f"approval_{plan.digest[:12]}",
        max_chars=300,
    )
    reason = (text or "").strip()
    return reason, not reason


def _second(plan: CommitPlan, approval: Approval | None) -> None:
    if approval is not None and approval.approved_by:
        st.markdown(
            f":material/verified: {widgets.people(approval.approved_by)} approved this at "
            f"{widgets.clock(approval.approved_at)}: {widgets.plain(approval.reason)}"
        )
        return
    st.markdown(f":material/group: {_NEEDED}")
    if approval is None:
        _others(plan)
    else:
        st.markdown(f"{widgets.people(approval.asked_by)} asked for it at {widgets.clock(approval.asked_at)}.")
    if wrong := state.selection("approval_error"):
        state.select("approval_error", None)
        widgets.show_error(wrong)
    if not widgets.allowed("committer"):
        return
    if problem := approving.why_i_may_not(plan):
        st.caption(f"{problem} {'They open this page and approve it.' if approval is not None else ''}")
        if approval is None:
            st.button("Ask for approval", key=f"ask_{plan.digest[:12]}", on_click=_ask, args=(plan,))
        return
    key = f"second_{plan.digest[:12]}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input("Why this change is right", key=key, max_chars=300, live=True, width=480)
        st.button("Approve", key=f"approve_{plan.digest[:12]}", disabled=not (reason or "").strip(),
                  on_click=_approve, args=(plan, key))  # fmt: skip


def _others(plan: CommitPlan) -> None:
    """Says that a colleague waits for approval of a plan that is not the one on the screen."""
    for asked in approving.waiting_for(plan.district_id)[:1]:
        st.caption(
            f"{widgets.people(asked.asked_by)} asked for approval of another plan at {widgets.clock(asked.asked_at)}. "
            "Roster, rules or what is in force changed since, or it is a restore."
        )


def _ask(plan: CommitPlan) -> None:
    try:
        approving.ask_approval(plan)
    except RosterError as error:
        state.select("approval_error", error)


def _approve(plan: CommitPlan, key: str) -> None:
    try:
        approving.approve_plan(plan, str(state.widget(key) or ""))
    except RosterError as error:
        state.select("approval_error", error)
