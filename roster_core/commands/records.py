"""Commands over what the store holds: pull, current, receipts, drift, purge."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from roster_core.commands.speech import aligned, json_option, progress_line, records, say, write_csv
from roster_core.commands.wiring import actor, clever_client, now, opened_store, settings, target_for
from roster_core.commit import Receipt
from roster_core.errors import InputError, Refusal, RosterError, ServiceError
from roster_core.plan import written_rows
from roster_core.wording import counted

if TYPE_CHECKING:
    from roster_core.adapters.refreshing import Refreshed


@click.command()
@click.argument("district_ids", nargs=-1, metavar="[DISTRICT_ID]...")
@json_option
def pull(district_ids: tuple[str, ...], as_json: bool) -> int:
    """Fetch districts from Clever into the store; all where none is named."""
    from roster_core.adapters.keeping import Keeper

    chosen = settings()
    client = clever_client(chosen)
    fetched: list[dict[str, object]] = []
    failed: list[RosterError] = []
    with progress_line() as progress, opened_store(chosen) as store:
        known = {district.id: district.name for district in client.districts()}
        unknown = [district_id for district_id in district_ids if district_id not in known]
        if unknown:
            listed = ", ".join(known) or "none"
            raise InputError(f'Clever shares no district "{unknown[0]}" with this app. Connected: {listed}.')
        target = "http" if chosen.selweb_url else "embedded"
        keeper = Keeper(store, actor(), target, chosen.profile, now, store.activity.newest())
        for district_id in district_ids or tuple(known):
            try:
                fetched.append(_refreshed(keeper.fetch(client, district_id, progress).refreshed))
            except (ServiceError, InputError, Refusal) as error:
                # One district's failure must not keep the others from being fetched; it is told below.
                failed.append(error)
                fetched.append({"district_id": district_id, "error": str(error)})
    for failure in failed:
        click.echo(f"Error: {failure}", err=True)
    say(_fetched(fetched), fetched, as_json)
    return max((failure.exit_code for failure in failed), default=0)


@click.command()
@click.argument("district_id")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write its rows here.")
@click.option("--to", default="embedded", show_default=True, help="embedded, http or oneroster")
@json_option
def current(district_id: str, csv_file: Path | None, to: str, as_json: bool) -> None:
    """The roster in force for a district, as it was committed."""
    chosen = settings()
    with opened_store(chosen) as store:
        target = to.partition(":")[0]
        if target == "http":
            # The service has the last word; asked, it is recorded here.
            target_for(to, store, chosen).current(district_id)
        receipt = next((found for found in store.ledger.current_receipts(district_id) if found.target == target), None)
        if receipt is None:
            raise InputError(f'District "{district_id}" has no roster in force ({to}). The command receipts lists all.')
        rows = written_rows(store.ledger.rows(receipt.receipt_id))
        for way in (["csv"] if csv_file else []) + (["json"] if as_json else []):
            taken: dict[str, str | int] = {"receipt": receipt.receipt_id, "rows": len(rows), "as": way}
            store.activity.add(now(), actor(), district_id, "download-rows", taken)
    if csv_file:
        write_csv(rows, csv_file)
    # Tens of thousands of rows are made into a document only where one is asked for.
    document = {**_receipt_document(receipt, in_force=True), "rows": records(rows)} if as_json else None
    say(_receipt_lines(receipt), document, as_json)


@click.command()
@click.argument("district_id", required=False)
@json_option
def receipts(district_id: str | None, as_json: bool) -> None:
    """What was committed, newest first."""
    with opened_store(settings()) as store:
        found = store.ledger.receipts(district_id)
        in_force = {receipt.receipt_id for receipt in store.ledger.current_receipts(district_id)}
    rows: list[list[str | int]] = [
        [r.receipt_id, r.committed_at[:16], r.district_id, r.students, r.target, _state(r, r.receipt_id in in_force)]
        for r in found
    ]
    lines = aligned(rows, indent="") or ["Nothing was committed yet."]
    say(lines, [_receipt_document(r, in_force=r.receipt_id in in_force) for r in found], as_json)


@click.command()
@json_option
def purge(as_json: bool) -> None:
    """Delete what is older than ROSTER_RETENTION_DAYS; receipts stay."""
    chosen = settings()
    before = now() - timedelta(days=chosen.retention_days)
    with opened_store(chosen) as store:
        purged = store.purge(before, actor=actor(), now=now())
    kept = f"Older than {counted(chosen.retention_days, 'day')} ({before:%Y-%m-%d}): "
    rows = f"{counted(purged.rows, 'row')} of {counted(purged.receipts, 'receipt')}"
    told = f"{counted(purged.rosters, 'roster')} and {rows}"
    told += f", {counted(purged.windows, 'earlier window')}" if purged.windows else ""
    say([f"{kept}{told} deleted. Receipts stay."], {"before": before.isoformat(), **asdict(purged)}, as_json)


def _refreshed(refreshed: Refreshed) -> dict[str, object]:
    words = ("fingerprint", "schools", "sections", "students", "teachers", "enrollments", "findings")
    counted = {word: getattr(refreshed.info, word) for word in words}
    district = refreshed.roster.district
    came = {"events": refreshed.events, "why_in_full": refreshed.why}
    return {"district_id": district.id, "name": district.name, **counted, **came}


def _fetched(fetched: list[dict[str, object]]) -> list[str]:
    if not fetched:
        return ["Clever shares no district with this app yet. A district must accept it in Clever first."]
    lines = []
    for one in fetched:
        if "error" in one:
            lines.append(f"{one['district_id']}  not fetched; what was there before is kept")
        else:
            told = (f"{one[word]:,} {word}" for word in ("students", "sections", "enrollments", "findings"))
            by_events = f" ({counted(int(str(one['events'])), 'event')})" if one["events"] is not None else ""
            lines.append(f"{one['district_id']}  {one['name']}: {', '.join(told)}{by_events}")
    return lines


def _state(receipt: Receipt, in_force: bool) -> str:
    return " ".join(word for word in (receipt.kind, "in force" if in_force else "") if word)


def _receipt_lines(receipt: Receipt) -> list[str]:
    changes = ", ".join(f"{getattr(receipt, name):,} {name}" for name in ("added", "moved", "updated", "removed"))
    return [
        f"{counted(receipt.students, 'student')} of district {receipt.district_id}: {receipt.where}.",
        f"Receipt {receipt.receipt_id}, {receipt.committed_at[:16]} by {receipt.committed_by}: {changes}.",
    ]


def _receipt_document(receipt: Receipt, *, in_force: bool) -> dict[str, object]:
    kept = {name: value for name, value in asdict(receipt).items() if name != "rule_set_json"}
    return {**kept, "in_force": in_force}
