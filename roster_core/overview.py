"""Districts at a glance: which of them wants attention first, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher

from roster_core.clever_states import reading
from roster_core.glance import DistrictFacts
from roster_core.wording import agreeing, counted

#: From how many days before the assessment window what is not settled becomes urgent.
NEAR_DAYS = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """When something becomes worth a flag: hours for a roster, days for Clever's own sync, days before a window."""

    stale_hours: float = 24
    sync_old_days: float = 3
    near_days: int = NEAR_DAYS


@dataclass(frozen=True, slots=True)
class Call:
    """Why a district wants attention: a flag of one or two words, and the sentence behind it."""

    flag: str
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list: the facts, every call for attention (the gravest first), and the gravest's place.

    until: days until the window opens, 0 while it is open; None without one, or once it is over.
    """

    facts: DistrictFacts
    calls: tuple[Call, ...] = ()
    place: int = 0
    until: int | None = None

    @property
    def flag(self) -> str:
        """The gravest flag; '' where nothing calls for attention."""
        return self.calls[0].flag if self.calls else ""

    @property
    def share(self) -> float | None:
        """Part of the students in scope who are in exactly one section, 0 to 1; None where nobody was counted."""
        numbers = self.facts.counted
        return numbers.one / numbers.in_scope if numbers and numbers.in_scope else None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows to show: those whose name or next action has the words, of that owner, flag and colleague; '' any."""

    words: str = ""
    owner: str = ""
    flag: str = ""
    colleague: str = ""

    def __call__(self, row: Row) -> bool:
        """Whether the row is one of them."""
        facts = row.facts
        text = f"{facts.name} {facts.action} {facts.step}".casefold()
        return (
            all(word in text for word in self.words.casefold().split())
            and self.owner in ("", facts.owner)
            and self.flag in ("", row.flag)
            and self.colleague in ("", facts.colleague)
        )


def overview(known: Iterable[DistrictFacts], now: datetime, limits: Limits | None = None) -> list[Row]:
    """The districts, those that want attention first.

    By the gravest call, then by the days to the window, then by the share in exactly one section, then by name;
    made-up data stands last.
    """
    rows = [attention(facts, now, limits or Limits()) for facts in known]
    return sorted(rows, key=_order)


def attention(facts: DistrictFacts, now: datetime, limits: Limits | None = None) -> Row:
    """One district with all that calls for attention, in the order of `CALLS`."""
    chosen = limits or Limits()
    found = [(place, Call(flag, why)) for place, (flag, told) in enumerate(CALLS) if (why := told(facts, now, chosen))]
    place = found[0][0] if found else len(CALLS)
    until = days_to_opening(facts.opens, facts.closes, now.date())
    return Row(facts, tuple(call for _, call in found), place, until)


def days_to_opening(opens: date | None, closes: date | None, today: date) -> int | None:
    """Days until a window opens, 0 while it is open; None where there is none or it is over."""
    if opens is None or (closes is not None and closes < today):
        return None
    return max((opens - today).days, 0)


def nearest(name: str, candidates: Mapping[str, str]) -> list[str]:
    """The ids of the candidates (id -> name), those first whose names are most like `name`, word order apart."""
    wanted = _words(name)
    likeness = {key: SequenceMatcher(None, wanted, _words(other)).ratio() for key, other in candidates.items()}
    return sorted(candidates, key=lambda key: (-likeness[key], candidates[key].casefold(), key))


# Later than every window: districts without one stand after those that have one.
_NO_DAY = 100_000


def _words(name: str) -> str:
    return " ".join(sorted(name.casefold().replace(".", " ").split()))


def _order(row: Row) -> tuple[object, ...]:
    days = row.until if row.until is not None else _NO_DAY
    share = row.share if row.share is not None else -1.0
    return row.facts.source == "sample", row.place, days, share, row.facts.name.casefold(), row.facts.district_id


def _near(facts: DistrictFacts, now: datetime, limits: Limits) -> bool:
    left = days_to_opening(facts.opens, facts.closes, now.date())
    return left is not None and left <= limits.near_days


def _over(facts: DistrictFacts, now: datetime) -> bool:
    return facts.closes is not None and facts.closes < now.date()


def _window_open(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    """Why the district is not ready though its window is open; '' where it is, or the window is not."""
    missing = _missing(facts)
    if not missing or days_to_opening(facts.opens, facts.closes, now.date()) != 0:
        return ""
    return f"The assessment window is open, and {missing}."


def _window_near(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    """Why the district is not ready though its window is near; '' where it is, or has time."""
    left, missing = days_to_opening(facts.opens, facts.closes, now.date()), _missing(facts)
    if not missing or not left or left > limits.near_days:
        return ""
    return f"The assessment window opens in {counted(left, 'day')}, and {missing}."


def _missing(facts: DistrictFacts) -> str:
    """What still lacks before students can begin, as half a sentence; '' for nothing."""
    if facts.roster_at is None:
        return "there is no roster yet"
    numbers = facts.counted
    if numbers is None:
        return "nobody has said who is assessed"
    if numbers.unsettled:
        are = agreeing(numbers.unsettled, "are")
        return f"{counted(numbers.unsettled, 'student')} {are} not in exactly one section"
    if numbers.blocking:
        return f"{counted(numbers.blocking, 'cause')} {agreeing(numbers.blocking, 'block')} the commit"
    if facts.committed_at is None:
        return "nothing is committed yet"
    return ""


def _chase(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    if facts.chase_on is None or facts.chase_on > now.date():
        return ""
    late = (now.date() - facts.chase_on).days
    since = f"since {facts.chase_on.day} {facts.chase_on:%b}" if late else "today"
    return f"An answer is to be chased {since}."


def _drift(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    drifted = facts.drifted
    if drifted is None or not drifted.needs_person:
        return ""
    return drifted.sentences[0] if drifted.sentences else "What changed since the commit needs a person."


def _clever(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    return _said(facts, now, limits, "trouble")


def _stale(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    """The roster is older than a commit allows. Of files only while something is to be committed: they come by hand."""
    if facts.roster_at is None or facts.source == "sample" or _over(facts, now):
        return ""
    if facts.source == "file" and facts.committed_at is not None and not _near(facts, now, limits):
        return ""
    hours = (now - facts.roster_at) / timedelta(hours=1)
    if hours <= limits.stale_hours:
        return ""
    age = counted(int(hours), "hour") if hours < 48 else counted(int(hours / 24), "day")
    step = "Ask for new files." if facts.source == "file" else "Refresh it."
    return f"The roster is {age} old. {step}"


def _blocked(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    numbers = facts.counted
    if numbers is None or not numbers.blocking:
        return ""
    shares = [f"{number} {_OF[owner]}" for owner, number in (numbers.blockers or {}).items() if number]
    block = agreeing(numbers.blocking, "block")
    return f"{counted(numbers.blocking, 'cause')} {block} the commit: {', '.join(shares)}."


def _paused(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    return _said(facts, now, limits, "pause")


def _late(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    return _said(facts, now, limits, "late")


def _new(facts: DistrictFacts, now: datetime, limits: Limits) -> str:
    if facts.roster_at is not None or facts.clever is None or not facts.clever.listed:
        return ""
    return "It is connected in Clever, and not loaded yet."


def _said(facts: DistrictFacts, now: datetime, limits: Limits, kind: str) -> str:
    if facts.clever is None:
        return ""
    read = reading(facts.clever, now, limits.sync_old_days)
    return read.told if read.kind == kind else ""


_OF = {"us": "ours to mend", "district": "for the district", "Clever": "for Clever"}

#: What calls for attention, the gravest first: the flag, and a function that says why, or '' where it is not so.
CALLS: tuple[tuple[str, Callable[[DistrictFacts, datetime, Limits], str]], ...] = (
    ("Window open", _window_open),
    ("Window near", _window_near),
    ("Chase", _chase),
    ("Drift", _drift),
    ("Clever trouble", _clever),
    ("Old roster", _stale),
    ("New", _new),
    ("Blocked", _blocked),
    ("Paused", _paused),
    ("Sync late", _late),
)
