"""Commands that tell others: a district's report, and a message to a district."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from roster_core.commands.deliver import district_option, planned
from roster_core.commands.review import rules_option
from roster_core.commands.speech import count, json_option, progress_line, say
from roster_core.commands.wiring import actor, load_data, now, opened_store, read_rules, settings, target_for
from roster_core.coverage import evaluate
from roster_core.errors import InputError
from roster_core.onboarding import profile_of
from roster_core.report import Report, make_report


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
    say([f"Report on {count(told.in_scope, 'student')} in {out}; it {about}."], document | counts, as_json)


def write_file(path: Path, content: bytes) -> None:
    """Writes a file whole. Raises InputError where it cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}. Give a path you can write to.") from error


def _maker(out: Path) -> Callable[[Report], bytes]:
    from roster_core.adapters.report_files import report_html, report_pdf

    makers = {".html": report_html, ".pdf": report_pdf}
    if out.suffix.lower() not in makers:
        raise InputError(f'--out: "{out.name}" must end in .html or .pdf.')
    return makers[out.suffix.lower()]
