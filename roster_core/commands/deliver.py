"""Commands that judge and commit: preflight, commit, restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from roster_core.commands.operators import second_for
from roster_core.commands.review import rules_option
from roster_core.commands.speech import TerminalProgress, aligned, json_option, progress_line, say
from roster_core.commands.wiring import (
    Loaded,
    actor,
    load_data,
    now,
    opened_store,
    read_moment,
    read_rules,
    settings,
    target_for,
)
from roster_core.commit import Receipt, Target, commit_plan, in_force
from roster_core.coverage import evaluate
from roster_core.errors import Cancelled, InputError, Refusal, ServiceError
from roster_core.onboarding import profile_of
from roster_core.open_window import open_window
from roster_core.plan import CommitPlan, CurrentRoster, plan_restore
from roster_core.preflight import PreflightReport, plan_and_check
from roster_core.rules import RuleSet
from roster_core.settings import Profile, Settings
from roster_core.wording import counted

if TYPE_CHECKING:
    from roster_core.adapters.store import Store

district_option = click.option("--district", default="", help="District id; else the folder's or file's name.")
to_option = click.option("--to", default="embedded", show_default=True, help="embedded, http or oneroster:OUT.zip")
approve_option = click.option("--approve", default="", metavar="REASON", help="Approve a large change, and say why.")

#: Why a first roster without students is not committed: it would say of the district that nobody is to be assessed.
NOBODY = (
    "No student would be rostered: nobody who is assessed is in exactly one kept section. "
    "Look at assessed_grades, assessed_schools and the excuses of the rules; coverage tells the numbers."
)

_DONE = ("receipt_id", "digest", "students", "added", "moved", "updated", "removed")


@click.command()
@click.argument("data")
@rules_option
@district_option
@click.option("--as-of", default="", metavar="DATE", help="Judge ages and terms as of this date.")
@json_option
def preflight(data: str, rules_file: Path, district: str, as_of: str, as_json: bool) -> int:
    """What stands between DATA under these rules and a commit. Changes nothing."""
    rule_set, moment, chosen = read_rules(rules_file), read_moment(as_of) if as_of else None, settings()
    with progress_line() as progress, opened_store(chosen) as store:
        target = target_for("embedded", store, chosen)
        loaded = load_data(data, progress, district=district)
        onboarding = store.onboarding.get(loaded.district_id).onboarding
        profile, window = profile_of(chosen.profile, onboarding), open_window(onboarding.dates, now())
        plan, report = planned(loaded, rule_set, target, profile, as_of=moment, window=window)
    say(_judged(report, plan), _report_document(report), as_json)
    return 0 if report.ready else Refusal.exit_code


@click.command()
@click.argument("data")
@rules_option
@district_option
@to_option
@approve_option
@json_option
def commit(data: str, rules_file: Path, district: str, to: str, approve: str, as_json: bool) -> int:
    """Make DATA under these rules the roster in force, all or nothing."""
    rule_set, chosen = read_rules(rules_file), settings()
    with progress_line() as progress, opened_store(chosen) as store:
        with _nothing_sent():
            target = target_for(to, store, chosen)
            loaded = load_data(data, progress, district=district)
            onboarding = store.onboarding.get(loaded.district_id).onboarding
            profile, window = profile_of(chosen.profile, onboarding), open_window(onboarding.dates, now())
            plan, report = planned(loaded, rule_set, target, profile, approval=approve, window=window)
        return _deliver(_Delivery(plan, report, target, approve, store, chosen), as_json, progress)


@click.command()
@click.argument("receipt_id")
@click.option("--to", default="", help="Where to; else where the receipt says.")
@approve_option
@json_option
def restore(receipt_id: str, to: str, approve: str, as_json: bool) -> int:
    """Make an earlier roster the district's roster again."""
    chosen = settings()
    with progress_line() as progress, opened_store(chosen) as store:
        receipt = store.ledger.receipt(receipt_id)
        if receipt is None:
            raise InputError(f'There is no receipt "{receipt_id}". The command receipts lists them.')
        target = target_for(to or receipt.target, store, chosen)
        told = (receipt.rule_set_json, receipt.digest, receipt.fingerprint, receipt.district_name)
        earlier = CurrentRoster(receipt_id, store.ledger.rows(receipt_id), *told)
        district_id = receipt.district_id
        with _nothing_sent():
            current = target.current(district_id)
        plan = plan_restore(
            earlier,
            district_id=district_id,
            target=target.name,
            current=current,
            profile=chosen.profile,
            window=open_window(store.onboarding.get(district_id).onboarding.dates, now()),
        )
        return _deliver(_Delivery(plan, None, target, approve, store, chosen), as_json, progress)


@contextmanager
def _nothing_sent() -> Iterator[None]:
    """Says of a service that fails before the commit what is in force: what was."""
    try:
        yield
    except ServiceError as error:
        raise ServiceError(f"{error} Nothing was sent; the roster that was in force still is.") from error


@dataclass(frozen=True, eq=False)
class _Delivery:
    plan: CommitPlan
    report: PreflightReport | None
    target: Target
    approval: str
    store: Store
    chosen: Settings


def planned(
    loaded: Loaded,
    rule_set: RuleSet,
    target: Target,
    profile: Profile,
    *,
    as_of: datetime | None = None,
    approval: str = "",
    window: str = "",
) -> tuple[CommitPlan, PreflightReport]:
    """The plan of what was loaded against what is in force at the target, and its preflight; as `plan_and_check`."""
    return plan_and_check(
        evaluate(loaded.roster, rule_set),
        district_id=loaded.district_id,
        target=target.name,
        current=target.current(loaded.district_id),
        profile=profile,
        as_of=as_of,
        approval=approval,
        fresh=loaded.fresh,
        window=window,
    )


def _deliver(delivery: _Delivery, as_json: bool, progress: TerminalProgress) -> int:
    plan, target = delivery.plan, delivery.target
    try:
        if plan.rosters_nobody:
            raise Refusal(NOBODY)
        second = second_for(plan, delivery.report, delivery.store, delivery.chosen, delivery.approval)
        receipt = commit_plan(
            plan,
            delivery.report,
            target,
            actor=actor(),
            approval=delivery.approval,
            now=now(),
            progress=progress,
            second=second,
        )
    except Refusal as refusal:
        progress.clear()
        return _refused(delivery, refusal, as_json)
    except KeyboardInterrupt:
        raise Cancelled(f"Stopped. {in_force(plan, target)}") from None
    progress.clear()
    say(_committed(receipt), {name: getattr(receipt, name) for name in _DONE}, as_json)
    return 0


def _refused(delivery: _Delivery, refusal: Refusal, as_json: bool) -> int:
    """Says why not on standard error, with the causes; under --json the whole report on standard output."""
    plan, report = delivery.plan, delivery.report
    click.echo(f"Not committed: {refusal}", err=True)
    if report is not None and not report.ready:
        click.echo("\n".join(_causes(report)), err=True)
    if as_json:
        told = _report_document(report) if report is not None else {"ready": False, "digest": plan.digest}
        reasons = {"reason": str(refusal), "held": plan.held, "hold_reason": plan.hold_reason}
        say([], {**told, "ready": False, **reasons, "in_force": plan.current_receipt_id}, as_json)
    return refusal.exit_code


def _judged(report: PreflightReport, plan: CommitPlan) -> list[str]:
    nobody = report.ready and plan.rosters_nobody
    verdict = "Nothing to commit" if nobody else "Ready to commit" if report.ready else "Not ready"
    found = f"{counted(report.blockers, 'blocker')}, {counted(report.warnings, 'warning')}"
    changes = ", ".join(f"{len(getattr(plan, name)):,} {name}" for name in _DONE[3:])
    lines = [f"{verdict}: {found}.", *_causes(report), f"Would roster {counted(len(plan.rows), 'student')}: {changes}."]
    if plan.held:
        lines.append(f"Held: {plan.hold_reason} commit takes the reason with --approve.")
    if nobody:
        return [*lines, NOBODY]
    return [*lines, "Next: commit." if report.ready else "Next: settle the blockers, biggest first."]


def _causes(report: PreflightReport) -> list[str]:
    lines: list[str] = []
    for cause in report.causes:
        lines.append(f"  {cause.severity}: {cause.title} ({cause.code}, {cause.owner})")
        lines += wrap(cause.message, 100, initial_indent="    ", subsequent_indent="    ")
    return lines


def _committed(receipt: Receipt) -> list[str]:
    changed = [[name, getattr(receipt, name)] for name in _DONE[3:]]
    return [
        f"{counted(receipt.students, 'student')} of district {receipt.district_id}: {receipt.where}.",
        *aligned(changed),
        f"Receipt {receipt.receipt_id}",
    ]


def _report_document(report: PreflightReport) -> dict[str, object]:
    finding = ("code", "severity", "owner", "student_ids", "section_ids", "message")
    cause = ("code", "severity", "owner", "title", "students", "message", "next_step", "student_ids", "section_ids")
    return {
        "ready": report.ready,
        "digest": report.digest,
        "blockers": report.blockers,
        "warnings": report.warnings,
        "findings": [{name: getattr(found, name) for name in finding} for found in report.findings],
        "causes": [{name: getattr(found, name) for name in cause} for found in report.causes],
    }
