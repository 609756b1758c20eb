"""Which role each function of the services and actions asks for. Whoever adds one says it here.

`None` is for what neither changes anything nor gives a district's data; the reason stands beside it.
"""

from __future__ import annotations

from roster_core.roles import Role

#: Modules of actions beside the services: a button's work, checked like theirs.
ACTIONS = ("pages/shared/committing.py", "pages/shared/loading.py")

ROLE_OF_SERVICE: dict[str, Role | None] = {
    "ahead.make_ahead": "viewer",
    "approving.approve_plan": "committer",
    "approving.ask_approval": "committer",
    "approving.second_for": "viewer",
    "approving.waiting_for": "viewer",
    "approving.why_i_may_not": "viewer",
    "changes.changes_since": "viewer",
    "changes.earlier_rosters": "viewer",
    "window.approve_changes": "committer",
    "window.approved_changes": "viewer",
    "window.unapproved_now": "viewer",
    "window.window_of": "viewer",
    "window.withdraw_changes": "committer",
    "committing.confirmation": None,  # words made of a plan
    "committing.confirmed": None,  # compares two texts
    "committing.start_commit": "committer",
    "committing.start_restore": "committer",
    "delivery.committed_file": "reviewer",
    "delivery.destination": "viewer",
    "delivery.drift_to_make": "viewer",
    "delivery.is_connected": "viewer",
    "delivery.let_go_of_restores": None,  # gives nothing; called when the last session has gone
    "delivery.profile": "viewer",
    "delivery.readiness": "viewer",
    "delivery.readiness_to_make": "viewer",
    "delivery.receipt_in_force": "viewer",
    "delivery.receipts": "viewer",
    "delivery.restore_plan": "committer",
    "delivery.roster_in_force": "viewer",
    "delivery.target": "committer",
    "delivery.target_name": "viewer",
    "loading.Refreshed.of": None,  # picks from what it holds
    "launch.calendar": "viewer",
    "launch.counted_answer": "viewer",
    "launch.glimpse": "viewer",
    "launch.current_headcounts": "viewer",
    "launch.evidence": "viewer",
    "launch.kept": "viewer",
    "launch.moved_up": "viewer",
    "launch.names": "viewer",
    "launch.proposed_launch": "viewer",
    "launch.school_names": "viewer",
    "launch.sections_to_ask": "viewer",
    "launch.terms_that_ended": "viewer",
    "launch.warnings": "viewer",
    "launch.windows": "viewer",
    "launch_changes.answer_request": "reviewer",
    "launch_changes.chase_request": "reviewer",
    "launch_changes.send_request": "reviewer",
    "launch_changes.set_dates": "reviewer",
    "launch_changes.set_days_off": "reviewer",
    "launch_changes.set_expected": "reviewer",
    "launch_changes.set_method": "reviewer",
    "launch_changes.set_people": "reviewer",
    "launch_changes.set_sync_answer": "reviewer",
    "launch_changes.start_window": "reviewer",
    "launch_changes.tick_step": "reviewer",
    "launch_changes.untick_step": "reviewer",
    "loading.start_clever": "reviewer",
    "loading.start_listing": "reviewer",
    "loading.start_refresh_all": "reviewer",
    "loading.start_sample": "reviewer",
    "loading.start_upload": "reviewer",
    "log.chain": "viewer",
    "log.delete_district": "admin",
    "log.district_names": "viewer",
    "log.entries": "viewer",
    "log.erase_note": "admin",
    "log.held_rosters": "viewer",
    "log.kept_until": "viewer",
    "log.notes_of": "admin",
    "log.purge": "admin",
    "log.record_of": "viewer",
    "log.recorded": "viewer",  # a file with names asks for a reviewer
    "overview.add_district": "reviewer",
    "messages.can_send": None,  # whether a setting is there
    "messages.job_kind": None,  # a word
    "messages.letter_file": "reviewer",  # a committer for Ready To Assess
    "messages.proposed": "viewer",
    "messages.role_for": None,  # the table of roles
    "messages.sent": "viewer",
    "messages.start_sending": "reviewer",  # a committer for Ready To Assess
    "overview.clever_asked": "viewer",
    "overview.clever_is_due": "viewer",
    "overview.count_uncounted": "viewer",  # starts nothing for whoever may not
    "overview.district_names": "viewer",
    "overview.keeper": "reviewer",
    "overview.link_district": "reviewer",
    "overview.remember": "viewer",
    "overview.remove_named": "reviewer",
    "overview.remove_sample": "reviewer",
    "overview.rows": "viewer",
    "rules.family_choices": "viewer",
    "reports.bring_in": "reviewer",
    "reports.forget_told": "reviewer",
    "reports.report_file": "viewer",  # a committer where names are asked for
    "reports.told": "viewer",
    "presence.present": None,  # counts this session
    "rules.keep_draft": "reviewer",
    "rules.save_rules": "reviewer",
    "rules.saved_rules": "viewer",
    "rules.saved_versions": "viewer",
    "rules.say_families": "reviewer",
    "rules.stored_draft": "viewer",
    "server.at_work": "viewer",
    "server.beside": "viewer",
    "server.cancel_job": "reviewer",
    "server.clever": "reviewer",
    "server.coverage": "viewer",
    "server.first_seen": "viewer",
    "server.forget_district": "reviewer",
    "server.forget_jobs": "admin",
    "server.job": "viewer",
    "server.jobs": "viewer",
    "server.let_go_of_rosters": None,  # gives nothing; called when the last session has gone
    "server.made": "viewer",
    "server.note": "viewer",
    "server.now": None,  # the clock
    "server.put_away_job": "reviewer",
    "server.read_uploads": None,  # reads what a job was given, in its thread
    "server.roster": "viewer",
    "server.roster_info": "viewer",
    "server.rosters": "viewer",
    "server.settings": None,  # the access check itself asks it; secrets in it are masked
    "server.start_job": "reviewer",
    "server.store": "viewer",
}
