"""The seven steps from the planning meeting to Ready To Assess: what the app sees of each, and what a person may tick.

What the app can see it ticks itself and says from what. The rest a person ticks, and nothing that the data contradicts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from roster_core.clever_states import Owner
from roster_core.dates import day_text
from roster_core.evidence import Evidence, by_files, is_loaded, of_last_window
from roster_core.onboarding_record import Onboarding
from roster_core.wording import agreeing, counted

State = Literal["done", "waiting", "not yet"]

APP: Final = "the app"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the app sees of a step: whether it is done, the sentence that says from what (or what is known so far),
    and whether a person's word is part of it.
    """

    done: bool = False
    told: str = ""
    said: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `owner`: who does it. `from_what`: what the app sees it from, '' where only a person can say.

    see: what the app sees of it. against: why a person cannot tick it, '' where they can. person: whether a person can
    tick it at all. lasting: once it was done it stays done, whatever the data says later.
    """

    key: str
    title: str
    meaning: str
    owner: Owner
    from_what: str
    see: Callable[[Onboarding, Evidence], Seen]
    against: Callable[[Onboarding, Evidence], str]
    person: bool = True
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class StepState:
    """How one step stands. `by`: `APP`, or the person who said so on the day `on`. `evidence`: what the app sees.

    contradiction: what in the data speaks against it. refusal: why a person cannot tick it now, '' where they can.
    """

    step: Step
    number: int
    state: State
    by: str
    on: date | None
    note: str
    evidence: str
    contradiction: str
    refusal: str

    @property
    def done(self) -> bool:
        """Whether the step is done."""
        return self.state == "done"


def standing(onboarding: Onboarding, evidence: Evidence, today: date) -> list[StepState]:
    """How each of the seven steps stands, in their order. `today` decides nothing but what lies in the future."""
    steps = (replace(step, title=step_title(key, onboarding, evidence)) for key, step in STEPS.items())
    return [_state(step, number, onboarding, evidence, today) for number, step in enumerate(steps, 1)]


def step_title(key: str, onboarding: Onboarding, evidence: Evidence) -> str:
    """What that step is called: where the roster comes as files, nothing in Clever is said to be done."""
    of_files = _OF_FILES.get(key) if by_files(onboarding, evidence) else None
    return of_files[0] if of_files else STEPS[key].title


def refusal(onboarding: Onboarding, key: str, evidence: Evidence) -> str:
    """Why a person cannot tick that step as the data stands; '' where they can."""
    step = STEPS[key]
    if not step.person:
        return f"The app sees this itself, from {step.from_what}; it cannot be ticked."
    return step.against(onboarding, evidence)


def _state(step: Step, number: int, onboarding: Onboarding, evidence: Evidence, today: date) -> StepState:
    told = _OF_FILES.get(step.key, ("", ""))[1] if by_files(onboarding, evidence) else ""
    seen = Seen(True, told) if told else step.see(onboarding, evidence)
    tick = onboarding.ticks.get(step.key) if step.person else None
    against = _contradiction(step, onboarding, evidence)
    said = tick is not None and tick.on <= today and step.key != "rostered" and (step.lasting or not against)
    by_app = seen.done and not seen.said
    pending = bool(seen.told) or onboarding.waiting(*_KINDS.get(step.key, ())) is not None
    done = seen.done or said
    return StepState(
        step=step,
        number=number,
        state="done" if done else "waiting" if pending else "not yet",
        by=APP if by_app else tick.by if tick else "",
        on=tick.on if tick and not by_app else None,
        note=tick.note if tick else "",
        evidence=seen.told,
        contradiction=against if tick and not by_app else "",
        refusal="" if done else refusal(onboarding, step.key, evidence),
    )


def _contradiction(step: Step, onboarding: Onboarding, evidence: Evidence) -> str:
    """What speaks against the tick of a step. A tick of an earlier receipt may be given anew, so that is no refusal."""
    receipt, tick = evidence.receipt, onboarding.ticks.get(step.key)
    if step.key == "rostered" and receipt and tick and tick.about != receipt.receipt_id and not receipt.delivered:
        return (
            f"Receipt {receipt.receipt_id} of {day_text(receipt.committed_on)} is in force now, and it was said of "
            f"another that it was loaded. Load it into {evidence.product}, then say so again."
        )
    if step.key == "rostered" and receipt is not None:
        return step.against(onboarding, evidence) if of_last_window(onboarding, evidence) else ""
    return step.against(onboarding, evidence)


_NOT_NEEDED: Final = "Not needed: the roster comes as files."
#: Where the roster comes as files: step -> its title, and what makes it done, '' where that is seen as ever.
_OF_FILES: Final[dict[str, tuple[str, str]]] = {
    "chose-clever": ("Chose to send files", "The district sends its roster as files; nothing is asked of Clever."),
    "connected": ("Connection in Clever", _NOT_NEEDED),
    "sharing-requested": ("Data sharing request", _NOT_NEEDED),
    "sharing-approved": ("All sections sent as files", ""),
}
_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "connected": ("connect",),
    "sharing-approved": ("sharing", "revision"),
    "filtered": ("revision",),
}


def _listed(onboarding: Onboarding, evidence: Evidence) -> Seen:
    return Seen(True, "Clever lists the district.") if evidence.connected else Seen()


def _requested(onboarding: Onboarding, evidence: Evidence) -> Seen:
    request = onboarding.newest("sharing")
    if request is not None:
        return Seen(True, f"Requested on {day_text(request.sent)} by {request.by}.")
    if evidence.source == "clever" and evidence.sections:
        return Seen(True, f"{_arrived(evidence)}, so sharing was requested.")
    return Seen()


def _shared(onboarding: Onboarding, evidence: Evidence) -> Seen:
    if not evidence.loaded:
        return Seen()
    if by_files(onboarding, evidence):
        return Seen(bool(evidence.sections), f"{_arrived(evidence)}.")
    return Seen(False, f"{_arrived(evidence)}. Only the district can say whether these are all.")


def _filtered(onboarding: Onboarding, evidence: Evidence) -> Seen:
    covered = evidence.coverage
    if covered is None:
        return Seen()
    told = f"{covered.one:,} of {counted(covered.in_scope, 'student')} in exactly one section"
    rest = [
        f"{number:,} {word}"
        for number, word in (
            (covered.none, "in none"),
            (covered.several, "in several"),
            (covered.excused - covered.to_follow, "excused"),
            (covered.to_follow, "to follow"),
        )
        if number
    ]
    return Seen(covered.complete, f"{', '.join([told, *rest])}.")


def _rostered(onboarding: Onboarding, evidence: Evidence) -> Seen:
    receipt, launch = evidence.receipt, onboarding.dates.launch
    told = []
    if receipt is not None:
        place = f"{evidence.product} confirmed it" if receipt.delivered else receipt.where
        told.append(
            f"{counted(receipt.students, 'student')} committed on {day_text(receipt.committed_on)}, "
            f"receipt {receipt.receipt_id}: {place}."
        )
        tick = onboarding.ticks.get("rostered")
        if tick and not receipt.delivered and tick.about == receipt.receipt_id:
            told.append(f"Loaded into {evidence.product} on {day_text(tick.on)}, said by {tick.by}.")
    if launch is not None:
        told.append(f"Launch on {day_text(launch)}.")
    elif receipt is not None:
        told.append("No launch date is set yet.")
    said = receipt is not None and not receipt.delivered
    return Seen(is_loaded(onboarding, evidence) and launch is not None, " ".join(told), said=said)


def _nothing_to_see(onboarding: Onboarding, evidence: Evidence) -> Seen:
    return Seen()


def _nothing_against(onboarding: Onboarding, evidence: Evidence) -> str:
    return ""


def _unlisted(onboarding: Onboarding, evidence: Evidence) -> str:
    if evidence.connected is False and not by_files(onboarding, evidence):
        return "Clever does not list this district: it has not accepted the connection, or has ended it."
    return ""


def _unshared(onboarding: Onboarding, evidence: Evidence) -> str:
    if problem := _unlisted(onboarding, evidence):
        return problem
    if evidence.sections == 0:
        return "No section has arrived: the roster holds none."
    asked = onboarding.newest("sharing")
    later = onboarding.newest("revision")
    settled = asked and later and later.number > asked.number and later.outcome == "approved"
    if asked is None or settled or asked.outcome not in ("declined", "partly"):
        return ""
    how = "was declined" if asked.outcome == "declined" else "was approved only partly"
    return f"The sharing request of {day_text(asked.sent)} {how}."


def _unrostered(onboarding: Onboarding, evidence: Evidence) -> str:
    if evidence.receipt is None:
        return "No roster of this district has been committed."
    if of_last_window(onboarding, evidence):
        return "The roster in force is that of the last window; none was committed for this one."
    return "It is loaded already; what is missing is the launch date." if is_loaded(onboarding, evidence) else ""


def _unready(onboarding: Onboarding, evidence: Evidence) -> str:
    """Everything that speaks against Ready To Assess, a sentence each."""
    told = []
    if not is_loaded(onboarding, evidence):
        told.append(f"Nobody has said that {evidence.product} has the roster, where its students will find it.")
    if onboarding.dates.launch is None:
        told.append("No launch date is set.")
    if evidence.ready is None:
        told.append("The preflight cannot be run: no roster is loaded.")
    elif not evidence.ready:
        told.append(f"The preflight is not green today: {counted(sum(evidence.blockers.values()), 'cause')} to settle.")
    if evidence.drift:
        told.append("What changed since the commit needs a person.")
    return " ".join(told)


def _arrived(evidence: Evidence) -> str:
    sections, at = evidence.sections or 0, evidence.fetched_at
    told = counted(sections, "section")
    if evidence.schools:
        told += f" of {counted(evidence.schools, 'school')}"
    return f"{told} {agreeing(sections, 'have')} arrived{f' ({day_text(at.date())})' if at else ''}"


STEPS: Final[dict[str, Step]] = {
    step.key: step
    for step in (
        Step(
            "chose-clever", "Chose Clever", "The district said, at the planning meeting or by e-mail, how it rosters.",
            "district", "Clever's list of districts", _listed, _nothing_against,
        ),
        Step(
            "connected", "Requested to connect", "The district followed the link and connected in Clever.",
            "district", "Clever's list of districts", _listed, _unlisted,
        ),
        Step(
            "sharing-requested", "Data sharing requested", "We asked in Clever for the district's data.",
            "us", "the request, or sections that arrive", _requested, _unlisted,
        ),
        Step(
            "sharing-approved", "Sharing rules approved", "The district shares all sections, so that we can choose.",
            "district", "", _shared, _unshared,
        ),
        Step(
            "filtered", "Filtered to one section per student", "Each assessed student is in exactly one section.",
            "us", "the rules and the newest roster", _filtered, _nothing_against, person=False,
        ),
        Step(
            "rostered", "Rostered, launch date set", "The roster is where students sign in; the launch has its day.",
            "us", "the receipt where the product confirmed it, and the date", _rostered, _unrostered,
        ),
        Step(
            "ready-sent", "Ready To Assess sent", "The SEL team at the district knows that students can begin.",
            "us", "the message where it was sent from here", _nothing_to_see, _unready, lasting=True,
        ),
    )
}  # fmt: skip
