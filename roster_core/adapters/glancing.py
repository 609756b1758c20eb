"""The facts about every district at a glance, from one reading of the store each; no roster is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from roster_core.adapters.store import DistrictRecord, RosterInfo, Store
from roster_core.clever_states import CleverState, Owner
from roster_core.commit import Receipt
from roster_core.glance import Changed, Counted, Drifted, Facts


@dataclass(frozen=True)
class Gathered:
    """What the store holds of its districts, by district id. `receipts`: those in force at the target."""

    infos: Mapping[str, RosterInfo]
    records: Mapping[str, DistrictRecord]
    said: Mapping[str, CleverState]
    rules: Mapping[str, str]
    counts: Mapping[str, Counted]
    changes: Mapping[str, Changed]
    drifts: Mapping[str, Drifted]
    receipts: Mapping[str, Receipt]

    @property
    def ids(self) -> list[str]:
        """Every district that has a roster, was added by hand, or is connected in Clever; in no order."""
        connected = [key for key, state in self.said.items() if state.listed]
        return list(dict.fromkeys([*self.infos, *self.records, *connected]))

    def is_counted(self, district_id: str, *, checked: bool = False) -> bool:
        """Whether the numbers are of the newest roster and the rules as they stand, and were `checked` if asked."""
        info, counted = self.infos.get(district_id), self.counts.get(district_id)
        if info is None or counted is None:
            return False
        same = (counted.fingerprint, counted.rules) == (info.fingerprint, self.rules.get(district_id))
        return same and not (checked and counted.blockers is None)

    def uncounted(self) -> list[str]:
        """The districts with a roster and rules whose numbers are to be counted, or checked, again."""
        return [each for each in self.infos if each in self.rules and not self.is_counted(each, checked=True)]

    def stands(self, district_id: str) -> tuple[str, str, str]:
        """What numbers of the district depend on: its id, the newest roster's fingerprint, its rules' digest."""
        return district_id, self.infos[district_id].fingerprint, self.rules.get(district_id, "")


def gather(store: Store, target: str) -> Gathered:
    """Everything that is known of the districts of a store; `target`: the name of the one they are committed to."""
    known = store.known
    return Gathered(
        infos={info.district_id: info for info in store.rosters.list()},
        records={record.id: record for record in store.districts.list()},
        said=known.clever(),
        rules=known.rules_in_use(),
        counts=known.counts(),
        changes=known.changes(),
        drifts=known.drifts(),
        receipts={each.district_id: each for each in store.ledger.current_receipts() if each.target == target},
    )


def facts_of(gathered: Gathered, district_id: str) -> Facts:
    """The facts about one of the gathered districts."""
    info, record = gathered.infos.get(district_id), gathered.records.get(district_id)
    state, receipt = gathered.said.get(district_id), gathered.receipts.get(district_id)
    # Numbers of rules that are gone, or of no roster, say nothing any more.
    counted = gathered.counts.get(district_id) if info and district_id in gathered.rules else None
    drifted = gathered.drifts.get(district_id)
    action, owner = _action(info, counted, receipt, state)
    return Facts(
        district_id,
        _name(info, record, state) or district_id,
        _source(info, record, state),
        us_state=record.state if record else "",
        action=action,
        owner=owner,
        roster_at=info.fetched_at if info else None,
        students=info.students if info else 0,
        counted=counted,
        current=gathered.is_counted(district_id),
        changed=gathered.changes.get(district_id),
        drifted=drifted if drifted and receipt and drifted.receipt_id == receipt.receipt_id else None,
        clever=state,
        committed_at=datetime.fromisoformat(receipt.committed_at) if receipt else None,
    )


def _name(info: RosterInfo | None, record: DistrictRecord | None, state: CleverState | None) -> str:
    known = (info.district_name if info else "", record.name if record else "", state.name if state else "")
    return next((name for name in known if name), "")


def _source(info: RosterInfo | None, record: DistrictRecord | None, state: CleverState | None) -> str:
    """`clever`, `file` or `sample` by the newest roster, else by how the district came to be known."""
    if info is not None:
        return info.source if info.source in ("clever", "sample") else "file"
    return "clever" if state is not None else record.source if record else ""


def _action(
    info: RosterInfo | None, counted: Counted | None, receipt: Receipt | None, state: CleverState | None
) -> tuple[str, Owner]:
    if info is None:
        return ("Load the roster", "us") if state and state.listed else ("Connect in Clever", "district")
    if counted is None:
        return "Say who is assessed", "us"
    if counted.unsettled:
        return f"Settle {counted.unsettled:,} student{'' if counted.unsettled == 1 else 's'}", "us"
    if receipt is None:
        return "Check and commit", "us"
    return "Keep watch", "nobody"
