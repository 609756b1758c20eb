"""Drawing pieces of the commit page's last step: confirm and commit, the receipt, the history, and restore."""

from __future__ import annotations

import streamlit as st

from pages.shared import approval_views, commit_views, committing, job_views, services, state, widgets
from pages.shared.frame import OpenDistrict
from roster_core.commit import Receipt
from roster_core.errors import RosterError
from roster_core.plan import CommitPlan
from roster_core.preflight import PreflightReport

#: The files a committed roster can be taken as: label, ending, type, and what to know of it.
_FILES = (
    ("CSV", "csv", "text/csv", "The rows, with names"),
    ("OneRoster", "zip", "application/zip", "OneRoster 1.1, with names, for SFTP intake"),
)

#: How many receipts are listed; the command line has them all.
MOST_RECEIPTS = 20


def confirm(
    here: OpenDistrict, plan: CommitPlan, report: PreflightReport, approval: str, *, waiting: bool = False
) -> None:
    """Typed confirmation and the button; while it runs, its progress; afterwards, what happened.

    `waiting`: a person must still approve the plan.
    """
    unsent = "" if services.is_connected() else f" Nothing has been sent to {services.settings().product_name}."
    st.write(f"Where it goes: {services.destination()}.{unsent}")
    if not outcome(here.district_id, plan):
        return
    if plan.already_current:
        st.info(f"This roster is in force already, receipt {plan.current_receipt_id}. There is nothing to commit.")
        return
    able = widgets.allowed("committer") and report.ready and not waiting
    typed = _typed(plan, "commit_typed", not able)
    _following(here)
    st.button(
        f"Roster {widgets.count(len(plan.rows), 'student')} of {widgets.label(plan.district_name or plan.district_id)}",
        type="primary",
        key="commit",
        disabled=not (able and len(plan.rows) and committing.confirmed(plan, typed)),
        on_click=_commit,
        args=(here, plan, approval),
    )
    if not report.ready:
        only_held = {cause.code for cause in report.causes if cause.severity == "blocker"} == {"mass-change"}
        st.caption(
            "The large change is approved first, above." if only_held else "Settle what the preflight found first."
        )
    elif waiting:
        st.caption("A second person approves it first.")
    elif not len(plan.rows):
        st.caption("Nobody who is assessed is in exactly one kept section, so there is no roster to commit.")


def outcome(district: str, plan: CommitPlan) -> bool:
    """Draws the running or last commit of a district; gives whether another may be started. `plan`: what is shown."""
    job = job_views.latest(committing.KIND, district)
    if job is None:
        return True
    if job.state == "done" and job.result.kind != "restore" and plan.has_change:
        # What was committed is history once the page shows another change; its receipt stands below.
        services.put_away_job(committing.KIND, district)
        return True
    if job.running:
        job_views.running(job, "Committing. You may close this tab; it goes on", can_cancel=False)
        return False
    if job.state == "done":
        receipt = job.result
        st.success(f"{_sentence(receipt)} Receipt {receipt.receipt_id}.", icon=":material/task_alt:")
        st.button("Done", key="commit_done", on_click=services.put_away_job, args=(committing.KIND, district))
    else:
        job_views.failed(job, "The roster was not committed", "The roster that was in force still is.")
    return True


def history(district: str) -> None:
    """Every receipt, newest first, with its rows to download; earlier ones can be restored."""
    receipts = services.receipts(district)
    if not receipts:
        st.caption("No receipt yet. The first commit makes one.")
        return
    current = services.receipt_in_force(district)
    for receipt in receipts[:MOST_RECEIPTS]:
        in_force = current is not None and receipt.receipt_id == current.receipt_id
        with st.container(border=True):
            _receipt(receipt, in_force)
            if state.selection("restoring") == receipt.receipt_id and not in_force:
                _restore(receipt)
    if len(receipts) > MOST_RECEIPTS:
        st.caption(f"And {len(receipts) - MOST_RECEIPTS:,} older ones.")


def _receipt(receipt: Receipt, in_force: bool) -> None:
    told, actions = st.columns([3, 1.4], vertical_alignment="center")
    with told:
        state_word = "in force" if in_force else "earlier"
        st.markdown(
            f"**{widgets.clock(receipt.committed_at)}**  ·  {state_word}  \n{widgets.plain(_sentence(receipt))}"
        )
        approved = f" · approved: {widgets.people(receipt.approval)}" if receipt.approval else ""
        st.caption(
            f"{receipt.receipt_id} · by {widgets.people(receipt.committed_by)} · new {receipt.added:,}, moved "
            f"{receipt.moved:,}, updated {receipt.updated:,}, removed {receipt.removed:,}{approved}"
        )
    with actions.container(horizontal=True, horizontal_alignment="right"):
        for label, ending, mime, told in _FILES if services.may("reviewer") else ():
            st.download_button(
                label,
                data=services.committed_file(receipt, ending),
                file_name=f"roster-{receipt.receipt_id}-with-names.{ending}",
                mime=mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"{ending}_{receipt.receipt_id}",
                help=told,
            )
        if not in_force and services.may("committer"):
            st.button(
                "Restore …",
                key=f"restore_{receipt.receipt_id}",
                on_click=state.select,
                args=("restoring", receipt.receipt_id),
            )


def _restore(receipt: Receipt) -> None:
    try:
        plan = services.restore_plan(receipt.receipt_id)
    except RosterError as error:
        widgets.show_error(error)
        return
    students, as_of = widgets.count(len(plan.rows), "student"), widgets.clock(receipt.committed_at)
    st.markdown(
        f"To restore is to roster **{students}** as of {as_of}: "
        f"{len(plan.added):,} come back, {len(plan.moved):,} move, {len(plan.updated):,} change, "
        f"{len(plan.removed):,} are removed. The old data is not checked again."
    )
    commit_views.change_lists(plan, f"restore_{receipt.receipt_id}")
    if plan.held:
        st.warning(f"Held: {widgets.plain(plan.hold_reason)}", icon=":material/front_hand:")
    approval, waiting = approval_views.approve(plan)
    typed = _typed(plan, "restore_typed", waiting)
    with st.container(horizontal=True):
        st.button(
            f"Restore {students} of {widgets.label(plan.district_name or plan.district_id)}",
            type="primary",
            key="restore_now",
            disabled=waiting or not committing.confirmed(plan, typed),
            on_click=_restore_now,
            args=(plan, approval),
        )
        st.button("Not now", key="restore_not", on_click=state.select, args=("restoring", None))


def _typed(plan: CommitPlan, key: str, disabled: bool) -> str:
    wanted = committing.confirmation(plan)
    return (
        st.text_input(
            f"To confirm, type the district and the number of students: {widgets.label(wanted)}",
            key=f"{key}_{plan.digest[:12]}",
            disabled=disabled,
            autocomplete="off",
            live=True,
        )
        or ""
    )


def _following(here: OpenDistrict) -> None:
    if here.coverage.to_follow:
        st.warning(
            f"{widgets.count(here.coverage.to_follow, 'student')} to follow: not in this roster.",
            icon=":material/schedule:",
        )


def _commit(here: OpenDistrict, plan: CommitPlan, approval: str) -> None:
    services.put_away_job(committing.KIND, here.district_id)
    committing.start_commit(here.roster, here.draft, plan, approval, expected_version=here.saved_version)


def _restore_now(plan: CommitPlan, approval: str) -> None:
    services.put_away_job(committing.KIND, plan.district_id)
    committing.start_restore(plan, approval)
    state.select("restoring", None)


def _sentence(receipt: Receipt) -> str:
    verb = "Restored" if receipt.kind == "restore" else "Rostered"
    return f"{verb} {widgets.count(receipt.students, 'student')}: {receipt.where}."
