"""What is known of a district without opening its roster: the last numbers, what changed, where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from roster_core.clever_states import CleverState, Owner


@dataclass(frozen=True, slots=True)
class Counted:
    """How a district's students stood when they were last counted, at `counted_at`.

    fingerprint: of the roster that was counted. rules: SHA-256 of the text of the rules they were counted by.
    ruled: whether there was any rule among them. blockers: causes that block a commit by their owner, the age of the
    roster and holds apart; None where nobody checked.
    """

    fingerprint: str
    rules: str
    in_scope: int
    one: int
    none: int
    several: int
    excused: int
    counted_at: datetime
    to_follow: int = 0
    blockers: Mapping[str, int] | None = None
    ruled: bool = True

    @property
    def unsettled(self) -> int:
        """Students who are neither in exactly one section nor excused."""
        return self.none + self.several

    @property
    def blocking(self) -> int:
        """Causes that block a commit, as far as somebody checked."""
        return sum((self.blockers or {}).values())

    @property
    def complete(self) -> bool:
        """Whether everybody is settled and the check found nothing that blocks."""
        return bool(self.in_scope) and not self.unsettled and self.blockers is not None and not self.blocking


@dataclass(frozen=True, slots=True)
class Changed:
    """What a refresh brought against the roster before, fetched at `since`: sentences with counts, no child's name."""

    fingerprint: str
    since: datetime
    at: datetime
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drifted:
    """What changed since the commit of that receipt, as a roster of `fingerprint` shows it: sentences with counts.

    changes: students and sections that differ. needs_person: whether somebody must look before it is committed.
    """

    receipt_id: str
    fingerprint: str
    at: datetime
    changes: int
    needs_person: bool
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DistrictFacts:
    """One district as it is known, from whoever knows it. None or '' where nothing is.

    source: `clever`, `file` or `sample`; `named` for a district added by its name alone. us_state: two letters.
    current: whether `counted` is of the newest roster and the rules as they stand. action: what comes next, and
    `owner`: who does it, on the page `place`. step: the one of the seven steps that is open, in words. left: days to
    what comes next of launch, opening and closing of the window, negative once it has closed; left_words: which.
    chase_on: the day from which an unanswered request is to be chased. roster_at: when the newest roster was fetched
    or its files were made. committed_at: when what is in force was committed.
    """

    district_id: str
    name: str
    source: str = ""
    us_state: str = ""
    action: str = ""
    owner: Owner = "us"
    place: str = ""
    step: str = ""
    left: int | None = None
    left_words: str = ""
    colleague: str = ""
    opens: date | None = None
    closes: date | None = None
    chase_on: date | None = None
    roster_at: datetime | None = None
    students: int = 0
    counted: Counted | None = None
    current: bool = True
    changed: Changed | None = None
    drifted: Drifted | None = None
    clever: CleverState | None = None
    committed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """How a refresh ended for one district.

    kind: `changed`, `same`, `failed` (its old roster stays) or `not reached` (the work was stopped before).
    sentences: what changed, or why it failed.
    """

    district_id: str
    name: str
    kind: Literal["changed", "same", "failed", "not reached"]
    sentences: tuple[str, ...] = ()


def count_changes(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[str, ...]:
    """What differs between two rosters by their counts (plural noun -> how many); one sentence where no count does."""
    told = []
    for noun, number in after.items():
        more = number - before.get(noun, 0)
        if more:
            word = noun if abs(more) != 1 else noun.removesuffix("s")
            told.append(f"{abs(more):,} {'more' if more > 0 else 'fewer'} {word}: {number:,} now.")
    return tuple(told) or ("As many of everything as before, but not the same data.",)
