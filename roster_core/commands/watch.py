"""The command that keeps watch after a commit: drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from roster_core.commands.speech import json_option, progress_line, say
from roster_core.commands.wiring import clever_client, opened_store, settings
from roster_core.commit import Receipt
from roster_core.drift import Drift
from roster_core.drift import drift as compare
from roster_core.errors import InputError, Refusal
from roster_core.plan import CurrentRoster
from roster_core.roster import Progress, Roster
from roster_core.rules import RuleSet

if TYPE_CHECKING:
    from roster_core.adapters.clever import CleverClient
    from roster_core.adapters.store import Store


@click.command()
@click.argument("district_ids", nargs=-1, metavar="[DISTRICT_ID]...")
@json_option
def drift(district_ids: tuple[str, ...], as_json: bool) -> int:
    """What changed at the source since the last commit; all districts where none is named."""
    chosen = settings()
    with progress_line() as progress, opened_store(chosen) as store:
        in_force = store.ledger.current_receipts()
        unknown = set(district_ids) - {receipt.district_id for receipt in in_force}
        if unknown:
            raise InputError(f'District "{min(unknown)}" has no roster in force, so nothing can have drifted from it.')
        client = clever_client(chosen) if chosen.clever.configured else None
        source = _Source(store, client, progress)
        watched = [receipt for receipt in in_force if not district_ids or receipt.district_id in district_ids]
        found = [(receipt, source.drift_from(receipt)) for receipt in watched]
    say(_told(found), [_document(receipt, drifted) for receipt, drifted in found], as_json)
    return Refusal.exit_code if any(drifted and drifted.needs_person for _, drifted in found) else 0


class _Source:
    """Where the newest roster of a district is: Clever where it shares the district, else the store."""

    def __init__(self, store: Store, client: CleverClient | None, progress: Progress) -> None:
        self._store = store
        self._client = client
        self._progress = progress
        self._shared = {district.id for district in client.districts()} if client else set()

    def drift_from(self, receipt: Receipt) -> Drift | None:
        """The drift since a commit; None where there is no roster to compare with."""
        fresh = self._newest(receipt.district_id)
        if fresh is None:
            return None
        rows = self._store.ledger.rows(receipt.receipt_id)
        committed = CurrentRoster(receipt.receipt_id, rows, receipt.rule_set_json)
        return compare(committed, fresh, RuleSet.from_json(receipt.rule_set_json))

    def _newest(self, district_id: str) -> Roster | None:
        if self._client is not None and district_id in self._shared:
            return self._client.pull(district_id, self._progress)
        known = self._store.rosters.latest(district_id)
        return None if known is None else self._store.rosters.load(known.fingerprint, district_id)


def _told(found: list[tuple[Receipt, Drift | None]]) -> list[str]:
    lines: list[str] = []
    for receipt, drifted in found:
        verdict = "look" if drifted and drifted.needs_person else "fine"
        lines.append(f"{receipt.district_id}  {receipt.target}  {verdict if drifted else 'not compared'}")
        lines += [f"  {sentence}" for sentence in _sentences(drifted)]
    return lines or ["Nothing was committed yet."]


def _sentences(drifted: Drift | None) -> list[str]:
    unknown = "There is no newer roster to compare with. Load the district, in Districts or with pull."
    return drifted.sentences() if drifted else [unknown]


def _document(receipt: Receipt, drifted: Drift | None) -> dict[str, object]:
    named = {"district_id": receipt.district_id, "target": receipt.target, "receipt_id": receipt.receipt_id}
    counts = drifted.counts if drifted else {}
    told = {"compared": drifted is not None, "needs_person": bool(drifted and drifted.needs_person)}
    return {**named, **told, **counts, "sentences": _sentences(drifted)}
