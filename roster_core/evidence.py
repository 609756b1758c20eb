"""Plain facts about a district, gathered by whoever asks, from which the app says what is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from roster_core.onboarding_record import Onboarding
from roster_core.roster import District


@dataclass(frozen=True, slots=True)
class Covered:
    """How many students in scope are in how many kept sections; `to_follow` are among the excused."""

    in_scope: int
    one: int
    none: int
    several: int
    excused: int = 0
    to_follow: int = 0

    @property
    def complete(self) -> bool:
        """Whether every student who is assessed and not excused is in exactly one."""
        return self.in_scope > 0 and not self.none and not self.several


@dataclass(frozen=True, slots=True)
class InForce:
    """The receipt in force: `delivered` where SELweb itself confirmed it, `where` in words for people."""

    receipt_id: str
    students: int
    committed_on: date
    where: str
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Plain facts about a district, gathered by whoever asks. None: not known.

    source: of the roster, '' where there is none. connected: whether Clever lists the district. ruled: whether anybody
    has made a rule. ready: whether the preflight lets a commit pass today. blockers: causes that block it by owner.
    current: whether what is in force is what a commit would make now. drift: whether something that changed since the
    commit needs a person.
    """

    source: str = ""
    connected: bool | None = None
    fetched_at: datetime | None = None
    schools: int | None = None
    sections: int | None = None
    ruled: bool | None = None
    coverage: Covered | None = None
    ready: bool | None = None
    blockers: Mapping[str, int] = field(default_factory=dict)
    receipt: InForce | None = None
    current: bool | None = None
    drift: bool | None = None
    district: District = field(default_factory=District)
    product: str = "SELweb"

    @property
    def loaded(self) -> bool:
        """Whether there is a roster."""
        return self.sections is not None


def of_last_window(onboarding: Onboarding, evidence: Evidence) -> bool:
    """Whether what is in force was committed for the window before this one, and a commit now would differ."""
    receipt = evidence.receipt
    return receipt is not None and receipt.receipt_id == onboarding.previous_receipt_id and evidence.current is not True


def is_loaded(onboarding: Onboarding, evidence: Evidence) -> bool:
    """Whether this window's roster is where its students will find it: SELweb's own answer, or a person's word."""
    receipt, tick = evidence.receipt, onboarding.ticks.get("rostered")
    if of_last_window(onboarding, evidence):
        return False
    return receipt is not None and (receipt.delivered or (tick is not None and tick.about == receipt.receipt_id))


def by_files(onboarding: Onboarding, evidence: Evidence) -> bool:
    """Whether the district sends its roster as files, so that nothing is asked of Clever."""
    if onboarding.method:
        return onboarding.method == "files"
    return evidence.source not in ("", "clever") and evidence.connected is not True
