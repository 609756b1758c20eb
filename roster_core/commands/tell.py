"""Commands that tell others: a district's report, and a message to a district."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from roster_core.commands.deliver import district_option, planned
from roster_core.commands.operators import require
from roster_core.commands.review import rules_option
from roster_core.commands.speech import json_option, progress_line, say, write_file
from roster_core.commands.wiring import actor, load_data, now, opened_store, read_rules, settings, target_for
from roster_core.coverage import evaluate
from roster_core.errors import InputError, Refusal
from roster_core.letter import address_list, to_eml
from roster_core.messages import KINDS, Message, Posted
from roster_core.onboarding import profile_of
from roster_core.report import Report, make_report
from roster_core.situation import Situation, readiness_of, refuse_unready, written
from roster_core.wording import counted


@click.command()
@click.argument("data")
@rules_option
@district_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Write it here: FILE.html or FILE.pdf.")
@click.option("--names", is_flag=True, help="List the students concerned by name; written down in the activity log.")
@json_option
def report(data: str, rules_file: Path, district: str, out: Path, names: bool, as_json: bool) -> None:
    """One page on DATA under these rules: coverage, findings, receipt."""
    made = _maker(out)
    rule_set, chosen = read_rules(rules_file), settings()
    if names:
        require(chosen, "committer", "report --names")
    with progress_line() as progress, opened_store(chosen) as store:
        target = target_for("embedded", store, chosen)
        loaded = load_data(data, progress, district=district)
        profile = profile_of(chosen.profile, store.onboarding.get(loaded.district_id).onboarding)
        _, judged = planned(loaded, rule_set, target, profile)
        receipts = store.ledger.current_receipts(loaded.district_id)
        in_force = max(receipts, key=lambda receipt: receipt.committed_at, default=None)
        told = make_report(
            evaluate(loaded.roster, rule_set), judged, made_at=now(), product=chosen.product_name, names=names,
            district=loaded.roster.district.name or loaded.district_id, receipt=in_force,
        )  # fmt: skip
        write_file(out, made(told))
        store.activity.add(now(), actor(), loaded.district_id, "download", {"file": "report", "names": names})
    document = {"file": str(out), "district_id": loaded.district_id, "names": names, "ready": told.ready}
    counts = {word: getattr(told, word) for word in ("in_scope", "one", "several", "none", "excused")}
    about = "names students: keep it safe" if names else "names no student"
    say([f"Report on {counted(told.in_scope, 'student')} in {out}; it {about}."], document | counts, as_json)


@click.command()
@click.argument("district_id")
@click.argument("kind", type=click.Choice(list(KINDS)), metavar="KIND")
@click.option("--to", default="", metavar="ADDRESSES", help="To these instead; comma between them.")
@click.option("--cc", default=None, metavar="ADDRESSES", help="In copy to these instead; comma between them.")
@click.option("--out", type=click.Path(path_type=Path), help="Write it here, FILE.eml, as a letter not yet sent.")
@click.option("--send", is_flag=True, help="Send it through the mail server of the settings.")
@click.option("--again", default=0, type=click.IntRange(0, 99), metavar="N", help="Send the very same once more.")
@json_option
def message(
    district_id: str, kind: str, to: str, cc: str | None, out: Path | None, send: bool, again: int, as_json: bool
) -> int:
    """A message to a district: shown, written to a file, or sent once.

    KIND is connect, sharing, revision, errors, launch, ready or drift.
    """
    from roster_core.adapters.posting import record_download
    from roster_core.adapters.situations import send_about, situation_of
    from roster_core.adapters.templates import message_template

    chosen, moment = settings(), now()
    if kind == "ready" and (send or out):
        require(chosen, "committer", "message ready")
    with opened_store(chosen) as store:
        about = situation_of(store, district_id, kind, chosen, now=moment)
        if send or out:
            refuse_unready(kind, about)
        template = message_template(kind, chosen.messages.templates_dir)
        proposed = written(kind, about, template, chosen.messages, chosen.mail)
        told = replace(
            proposed,
            to=address_list(to) if to else proposed.to,
            cc=proposed.cc if cc is None else address_list(cc),
        )
        ended = Posted("shown", "Not sent: this is how it reads. Send it with --send, or take it with --out FILE.eml.")
        if out:
            write_file(out, to_eml(told, moment))
            record_download(told, store=store, district_id=district_id, actor=actor(), now=moment)
            ended = Posted("downloaded", f"Written to {out}. It was not sent.")
        if send:
            ended = send_about(store, district_id, told, about, chosen, actor=actor(), now=moment, again=again)
    lines = [] if send or out else _shown(told)
    say([*lines, ended.sentence, *_open_problems(kind, about)], _message_document(told, ended, kind, about), as_json)
    return Refusal.exit_code if ended.outcome == "unknown" else 0


def _shown(told: Message) -> list[str]:
    heads = [("Subject", told.subject), ("To", ", ".join(told.to)), ("Cc", ", ".join(told.cc))]
    return [*(f"{name}: {text}" for name, text in heads if text), "", told.body.rstrip(), ""]


def _open_problems(kind: str, about: Situation) -> list[str]:
    return [f"  {problem}" for problem in readiness_of(about).problems] if kind == "ready" else []


def _message_document(told: Message, ended: Posted, kind: str, about: Situation) -> dict[str, object]:
    listed = {"subject": told.subject, "to": told.to, "cc": told.cc, "body": told.body}
    judged = readiness_of(about) if kind == "ready" else None
    ready = {"ready": judged.ready, "problems": [str(one) for one in judged.problems], "notes": judged.notes,
             "follow": judged.follow} if judged else {}  # fmt: skip
    return {"kind": kind, **listed, "outcome": ended.outcome, "sentence": ended.sentence, **ready}


def _maker(out: Path) -> Callable[[Report], bytes]:
    from roster_core.adapters.report_files import report_html, report_pdf

    makers = {".html": report_html, ".pdf": report_pdf}
    if out.suffix.lower() not in makers:
        raise InputError(f'--out: "{out.name}" must end in .html or .pdf.')
    return makers[out.suffix.lower()]
