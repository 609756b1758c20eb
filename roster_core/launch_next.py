"""What comes next for a district, whose it is, and how many days are left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from roster_core.clever_states import Owner
from roster_core.dates import day_text
from roster_core.evidence import Evidence, by_files, is_loaded, of_last_window
from roster_core.launch_steps import StepState, standing
from roster_core.onboarding_record import Onboarding, Request
from roster_core.wording import agreeing, counted

Milestone = Literal["launch", "opens", "closes", "launched", "opened", "closed"]

#: What may stand in `NextAction.place`: the page where the action is taken.
Place = Literal["Districts", "Students", "Rules", "Commit", "Launch"]


@dataclass(frozen=True, slots=True)
class Countdown:
    """Days until the next date of a window; negative where all have passed (launched, opened or closed)."""

    days: int
    to: Milestone
    on: date

    @property
    def sentence(self) -> str:
        """In words: `12 days to the launch`, `the window opens today`, `closed 3 days ago`."""
        words = {"launch": "the launch", "opens": "the window opening", "closes": "the window closing"}
        if self.days < 0:
            past = counted(-self.days, "day")
            return f"{past} past the launch" if self.to == "launched" else f"{self.to} {past} ago"
        if not self.days:
            return {"launch": "launch is today", "opens": "the window opens today"}.get(self.to, "the last day")
        return f"{counted(self.days, 'day')} to {words[self.to]}"


@dataclass(frozen=True, slots=True)
class NextAction:
    """The one thing to do next: a sentence, whose it is, the step it belongs to ('' once all are done) and the page.

    due: when to look again, where somebody else is waited for. overdue: that day has passed. left: days left in the
    window, None where no date is set.
    """

    text: str
    owner: Owner
    step: str
    place: Place
    due: date | None = None
    overdue: bool = False
    left: Countdown | None = None


def days_left(onboarding: Onboarding, today: date) -> Countdown | None:
    """Days to what comes next of launch, opening and closing; None where no date is set."""
    dates = onboarding.dates
    coming: tuple[tuple[Milestone, date | None], ...] = (
        ("launch", None if onboarding.ready_sent else dates.launch),
        ("opens", dates.opens),
        ("closes", dates.closes),
    )
    ahead = [(day, to) for to, day in coming if day is not None and day >= today]
    if ahead:
        day, to = min(ahead, key=lambda each: each[0])
        return Countdown((day - today).days, to, day)
    passed: tuple[tuple[Milestone, date | None], ...] = (
        ("closed", dates.closes),
        ("opened", dates.opens),
        ("launched", dates.launch),
    )
    last = next(((to, day) for to, day in passed if day is not None), None)
    return None if last is None else Countdown((last[1] - today).days, *last)


def next_action(onboarding: Onboarding, evidence: Evidence, today: date) -> NextAction:
    """The first thing that is not done, in the order of the steps; what to watch once all are."""
    closes, left = onboarding.dates.closes, days_left(onboarding, today)
    if closes is not None and closes < today:
        late = "" if onboarding.ready_sent else " before Ready To Assess was sent"
        text = f"The window closed on {day_text(closes)}{late}. Start a new window."
        return NextAction(text, "us", "", "Launch", left=left)
    open_step = next((each for each in standing(onboarding, evidence, today) if not each.done), None)
    found = _watch(onboarding, evidence, today) if open_step is None else _of_step(
        open_step, onboarding, evidence, today
    )  # fmt: skip
    step = "" if open_step is None else open_step.step.key
    return NextAction(found.text, found.owner, step, found.place, found.due, found.overdue, left)


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    owner: Owner = "us"
    place: Place = "Launch"
    due: date | None = None
    overdue: bool = False


def _of_step(state: StepState, onboarding: Onboarding, evidence: Evidence, today: date) -> _Found:
    key = state.step.key
    if key == "chose-clever":
        return _Found("Ask whether the district has chosen Clever, and tick it.")
    if key == "connected":
        waiting = onboarding.waiting("connect")
        if waiting is not None:
            return _waits(waiting, "connect in Clever", today)
        if evidence.connected is False and evidence.source == "clever":
            return _Found("Clever no longer lists the district: it is to connect again in Clever.", "district")
        return _Found(state.contradiction or "Send the district the link to connect.")
    if key == "sharing-requested":
        return _Found("Request data sharing from the district in Clever.")
    if key == "sharing-approved":
        return _sharing(state, onboarding, evidence, today)
    if key == "filtered":
        return _filtering(onboarding, evidence, today)
    if key == "rostered":
        return _rostering(state, onboarding, evidence)
    return _ready(onboarding, evidence, today)


def _waits(request: Request, what: str, today: date) -> _Found:
    """Who is to act on a request: the district until the day to chase it, then us."""
    asked = f"asked on {day_text(request.sent)}"
    if request.chase_on > today:
        return _Found(
            f"The district is to {what}; chase it on {day_text(request.chase_on)} ({asked}).", "district",
            due=request.chase_on,
        )  # fmt: skip
    return _Found(f"Chase the district to {what} ({asked}).", "us", due=request.chase_on, overdue=True)


def _sharing(state: StepState, onboarding: Onboarding, evidence: Evidence, today: date) -> _Found:
    if trouble := _clever_trouble(evidence):
        return trouble
    if by_files(onboarding, evidence):
        return _Found("Ask the district for its roster files, with all sections, and load them.", place="Districts")
    if state.refusal:
        return _Found(f"{state.refusal} Agree with the district what to share, and ask again.")
    if evidence.sections:
        return _Found("Ask whether all sections are shared, and tick it.")
    waiting = onboarding.waiting("sharing", "revision")
    if waiting is not None:
        return _waits(waiting, "share all sections", today)
    if evidence.connected and not evidence.loaded:
        return _Found("Load the roster and see what has arrived.", place="Districts")
    return _Found("Ask whether all sections are shared, and tick it.")


def _clever_trouble(evidence: Evidence) -> _Found | None:
    """What Clever says of a sync that does not run: `pending` is the district's to mend, `error` Clever's."""
    if evidence.district.state == "pending":
        return _Found("The district is to mend its sync into Clever, which is pending.", "district", "Districts")
    if evidence.district.state == "error":
        return _Found("Clever is to mend the district's sync, which is in error.", "Clever", "Districts")
    return None


def _filtering(onboarding: Onboarding, evidence: Evidence, today: date) -> _Found:
    if trouble := _clever_trouble(evidence):
        return trouble
    covered, waiting = evidence.coverage, onboarding.waiting("revision")
    if covered is None:
        return _Found("Load the roster.", place="Districts")
    if waiting is not None:
        return _waits(waiting, "change its sharing rules", today)
    if not covered.in_scope:
        return _Found("Nobody is assessed: say which grades and schools are.", place="Districts")
    if evidence.ruled is False:
        return _Found("Choose which sections to keep.", place="Rules")
    if covered.several >= covered.none:
        rest = f"; {covered.none:,} more are in none" if covered.none else ""
        return _Found(f"Settle {counted(covered.several, 'student')} in several sections{rest}.", place="Students")
    rest = f"; {covered.several:,} more are in several" if covered.several else ""
    return _Found(f"Find a section for {counted(covered.none, 'student')}{rest}.", place="Students")


def _rostering(state: StepState, onboarding: Onboarding, evidence: Evidence) -> _Found:
    if evidence.receipt is None or of_last_window(onboarding, evidence):
        return _to_commit(evidence)
    if evidence.current is False and not state.contradiction:
        return _Found("Check and commit the changed rules.", place="Commit")
    if not is_loaded(onboarding, evidence):
        return _Found(state.contradiction or f"Load the roster into {evidence.product}, and tick it.")
    return _Found("Set the launch date.")


def _to_commit(evidence: Evidence) -> _Found:
    if evidence.ready:
        return _Found("The preflight is green: commit the roster.", place="Commit")
    return _blocked(evidence, "the commit")


def _blocked(evidence: Evidence, what: str) -> _Found:
    """Who is to settle what blocks: us first, for what is ours is done soonest."""
    blockers = evidence.blockers
    owners: tuple[Owner, ...] = ("us", "district", "Clever")
    owner: Owner = next((each for each in owners if blockers.get(each)), "us")
    number = blockers.get(owner, 0)
    if not number:
        return _Found("Check the roster on the Commit page.", place="Commit")
    who = "" if owner == "us" else f", for {'the district' if owner == 'district' else owner} to mend"
    return _Found(f"{counted(number, 'cause')} {agreeing(number, 'block')} {what}{who}.", owner, "Commit")


def _ready(onboarding: Onboarding, evidence: Evidence, today: date) -> _Found:
    if not _fresh_on_launch_day(onboarding, evidence, today):
        return _Found("Launch is today: refresh the roster, and look at what changed.", place="Districts")
    if evidence.ready is None:
        return _Found("Load the roster again, so that it can be checked before Ready To Assess.", place="Districts")
    if not evidence.ready:
        return _blocked(evidence, "Ready To Assess")
    if evidence.drift:
        return _Found("What changed since the commit needs a person before Ready To Assess.", place="Commit")
    return _Found("Send Ready To Assess.")


def _fresh_on_launch_day(onboarding: Onboarding, evidence: Evidence, today: date) -> bool:
    """Whether the roster is of today where today is the launch; on any other day it need not be."""
    fetched = evidence.fetched_at.date() if evidence.fetched_at else None
    return onboarding.dates.launch != today or fetched == today


def _watch(onboarding: Onboarding, evidence: Evidence, today: date) -> _Found:
    dates = onboarding.dates
    if evidence.drift:
        return _Found("What changed since the commit needs a person.", place="Commit")
    if not _fresh_on_launch_day(onboarding, evidence, today):
        return _Found("Launch is today: refresh the roster, and look at what changed.", place="Districts")
    if trouble := _clever_trouble(evidence):
        return trouble
    if evidence.current is False and evidence.ready:
        return _Found("Changes since the commit can be committed; nothing in them needs a decision.", place="Commit")
    if dates.opens is None or today < dates.opens:
        launch = "Launch is today, and nothing needs a person." if dates.launch == today else ""
        opens = f" The window opens on {day_text(dates.opens)}." if dates.opens else ""
        return _Found(f"{launch or 'Nothing to do but keep watch.'}{opens}", "nobody")
    return _Found("The window is open: keep watch until it closes.", "nobody")
