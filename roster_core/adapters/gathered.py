"""One reading of all that the store holds of its districts, beside the rosters themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from roster_core.adapters.store import DistrictRecord, RosterInfo, Store
from roster_core.clever_states import CleverState
from roster_core.commit import Receipt
from roster_core.glance import Changed, Counted, Drifted
from roster_core.onboarding_record import Onboarding


@dataclass(frozen=True)
class Gathered:
    """What the store holds of its districts, by district id, read once.

    `receipts`: those in force, at whatever target, newest first. `asked`: whether Clever's list of districts was read.
    """

    infos: Mapping[str, RosterInfo]
    records: Mapping[str, DistrictRecord]
    said: Mapping[str, CleverState]
    rules: Mapping[str, str]
    counts: Mapping[str, Counted]
    changes: Mapping[str, Changed]
    drifts: Mapping[str, Drifted]
    receipts: Sequence[Receipt]
    kept: Mapping[str, Onboarding]
    asked: bool

    @property
    def ids(self) -> list[str]:
        """Every district that has a roster, was added by hand, or is connected in Clever; in no order."""
        connected = [key for key, state in self.said.items() if state.listed]
        return list(dict.fromkeys([*self.infos, *self.records, *connected]))

    def name(self, district_id: str) -> str:
        """The district's name, as its roster, whoever added it, or Clever calls it; its id where nobody does."""
        info, record = self.infos.get(district_id), self.records.get(district_id)
        state = self.said.get(district_id)
        told = (info.district_name if info else "", record.name if record else "", state.name if state else "")
        return next((each for each in told if each), district_id)

    def receipt(self, district_id: str, target: str) -> Receipt | None:
        """The receipt in force of the district at that target; None for none."""
        return next((each for each in self.receipts_of(district_id) if each.target == target), None)

    def receipts_of(self, district_id: str) -> Sequence[Receipt]:
        """The receipts in force of one district, one a target at most, newest first."""
        return self._receipts.get(district_id, ())

    @cached_property
    def _receipts(self) -> Mapping[str, Sequence[Receipt]]:
        found: defaultdict[str, list[Receipt]] = defaultdict(list)
        for each in self.receipts:
            found[each.district_id].append(each)
        return found

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


def gather(store: Store) -> Gathered:
    """Everything that is known of the districts of a store; a few readings, however many they are.

    Raises InputError where what is kept of a launch cannot be read.
    """
    known, asked = store.known, store.known.clever_asked()
    return Gathered(
        infos={info.district_id: info for info in store.rosters.list()},
        records={record.id: record for record in store.districts.list()},
        said=known.clever(),
        rules=known.rules_in_use(),
        counts=known.counts(),
        changes=known.changes(),
        drifts=known.drifts(),
        receipts=store.ledger.current_receipts(),
        kept={district_id: kept.onboarding for district_id, kept in store.onboarding.list().items()},
        asked=asked is not None and not asked[1],
    )
