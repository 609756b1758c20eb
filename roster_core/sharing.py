"""The request a district can act on: our rules in the words and operators of its own sharing screen, with counts.

Their screens compare letter case, ours do not: every spelling that really occurs is listed. What they cannot say is
named, and where a rule can only be said more widely, it is asked for more widely and narrowed on our side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from roster_core.coverage import evaluate
from roster_core.errors import InputError
from roster_core.matching import rule_mask
from roster_core.roster import Roster
from roster_core.rule_words import FIELDS, OPERATORS
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.spellings import look_alike, spellings
from roster_core.wording import counted

# What finds at least the same sections, where a platform lacks an operator; our side narrows the rest.
_WIDER = {"starts_with": "contains", "ends_with": "contains"}
_BETWEEN = ";"  # what their screens part the values of a filter by
_OPPOSITE = {"contains": "not_contains", "is": "is_not", "not_contains": "contains", "is_not": "is"}


@dataclass(frozen=True, slots=True)
class Platform:
    """How one platform's sharing screen speaks. operators: ours -> its words for one value, for several ("": none)."""

    key: str
    name: str
    rule_word: str
    operators: dict[str, tuple[str, str]]
    picking: str


PLATFORMS: dict[str, Platform] = {
    platform.key: platform
    for platform in (
        # Operators as Clever's help pages on sharing by rules list them; values are separated by semicolons.
        Platform(
            "clever",
            "Clever",
            "Sections rule",
            {
                "is": ("equals any of", "equals any of"),
                "is_not": ("does not equal any of", "does not equal any of"),
                "contains": ("contains", "contains any of"),
                "not_contains": ("does not contain", ""),
                "starts_with": ("starts with", "starts with any of"),
            },
            "sections shared one by one are not added to when new ones appear",
        ),
        Platform(
            "classlink",
            "ClassLink",
            "Query",
            {"is": ("equals", ""), "is_not": ("does not equal", ""), "contains": ("contains", "")},
            "classes selected one by one are not added to when new ones appear",
        ),
        Platform(
            "edlink",
            "Edlink",
            "Rule",
            {"is": ("equals", "equals any of"), "contains": ("contains", "contains any of")},
            "classes shared one by one are not added to when new ones appear",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class SharingRequest:
    """A letter to the district, and the counts in it. It names no student.

    rules: what to type, a rule each, a line each filter. sections_before, sections_after: sections shared now and by
    these rules. students_before, students_after: students with a shared section. in_scope: assessed students; one:
    those of them in exactly one section by the request alone. lost: students now in one kept section who would not be
    shared in it any more (0 where the request is safe). obstacles: what their side cannot express.
    """

    platform: str
    subject: str
    text: str
    rules: tuple[tuple[str, ...], ...]
    sections_before: int
    sections_after: int
    students_before: int
    students_after: int
    in_scope: int
    one: int
    lost: int
    obstacles: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the district's rules alone leave what ours leave: nothing is left for our side to narrow."""
        return not self.obstacles


def sharing_request(
    roster: Roster,
    rule_set: RuleSet,
    *,
    platform: str = "clever",
    product: str = "SELweb",
    sender: str = "",
    instead_of: RuleSet | None = None,
) -> SharingRequest:
    """The request that makes a district share what a rule set keeps, with the counts before and after.

    `platform`: clever, classlink or edlink. `product` and `sender` are named in the letter. `instead_of`: the rules
    whose request is in force at the district, for a what-if: what they share is then counted as now (None: all of
    the roster). Costs two evaluations and a match of the distinct texts a condition. Raises InputError for a platform
    that is not known.
    """
    if platform not in PLATFORMS:
        raise InputError(f'The platform "{platform}" is not known; choose {", ".join(PLATFORMS)}.')
    there = PLATFORMS[platform]
    asked, obstacles = _expressible(rule_set, there)
    spelt = {condition: spellings(roster, condition) for rule in asked for condition in rule.when}
    rules = tuple(lines for rule in asked for lines in _lines(rule, spelt, there))
    shared = _shared(roster, asked)
    now = _shared(roster, _expressible(instead_of, there)[0] if instead_of is not None else [])
    narrow = replace(rule_set, rules=tuple(asked), resolve="all", pins=())
    alone, ours = evaluate(roster, narrow), evaluate(roster, rule_set)
    kept = roster.enrollments.section[ours.kept]
    request = SharingRequest(
        platform=there.key,
        subject=f"Sharing rules for {product}: {roster.district.name or 'your district'}",
        text="",
        rules=rules,
        sections_before=int(now.sum()),
        sections_after=int(shared.sum()),
        students_before=_students_of(roster, now),
        students_after=_students_of(roster, shared),
        in_scope=ours.in_scope,
        one=alone.one,
        lost=len(np.unique(roster.enrollments.student[ours.kept][~shared[kept]])),
        obstacles=tuple(obstacles),
    )
    return replace(request, text=_letter(request, there, product, sender, tuple(chain(*spelt.values()))))


def shared_mask(roster: Roster, rule_set: RuleSet, *, platform: str = "clever") -> np.ndarray:
    """bool[sections]: what the request of these rules shares; every section where nothing can be asked for.

    Costs a match of the distinct texts a condition. Raises InputError for a platform that is not known.
    """
    if platform not in PLATFORMS:
        raise InputError(f'The platform "{platform}" is not known; choose {", ".join(PLATFORMS)}.')
    return _shared(roster, _expressible(rule_set, PLATFORMS[platform])[0])


def _expressible(rule_set: RuleSet, platform: Platform) -> tuple[list[Rule], list[str]]:
    """The keep rules as far as the platform can say them, the drop rules as further filters, and what it cannot."""
    obstacles: list[str] = []
    further: list[Condition] = []
    for rule in (rule for rule in rule_set.rules if rule.do == "drop"):
        told = _drop_obstacle(rule, platform)
        further += [] if told else [replace(rule.when[0], op=_OPPOSITE[rule.when[0].op])]
        obstacles += [f"{_said(rule)} {told}"] if told else []
    keeps = [rule for rule in rule_set.rules if rule.do == "keep"]
    asked: list[Rule | None] = []
    for rule in keeps:
        possible = tuple(
            wider for condition in rule.when if not _obstacle(wider := _widened(condition, platform), platform)
        )
        obstacles += [f"{_said(rule)} {told}" for condition in rule.when if (told := _obstacle(condition, platform))]
        if rule.student_grades:
            obstacles.append(f"{_said(rule)} A section is shared with all its students, whatever their grade.")
        asked.append(Rule("keep", (*possible, *further)) if possible else None)
    if None in asked or not keeps:
        # To ask for the other keep rules alone would take sections away, so all is asked for but what is dropped.
        asked = [Rule("keep", tuple(further))] if further else []
    if rule_set.resolve == "first" and len(keeps) > 1:
        obstacles.append("Which of a student's sections counts, where the rules keep several.")
    if rule_set.pins:
        obstacles.append("Decisions we made for single students.")
    return [rule for rule in asked if rule], list(dict.fromkeys(obstacles))


def _drop_obstacle(rule: Rule, platform: Platform) -> str:
    if len(rule.when) > 1:
        return "Their rules only add sections; leaving out by two conditions at once cannot be said."
    if rule.student_grades:
        return "A section is shared with all its students, whatever their grade."
    if rule.when[0].op not in _OPPOSITE:
        return "Their rules cannot leave sections out this way."
    return _obstacle(replace(rule.when[0], op=_OPPOSITE[rule.when[0].op]), platform)


def _obstacle(condition: Condition, platform: Platform) -> str:
    if not FIELDS[condition.field].district:
        return f"{platform.name}'s rules do not know the {FIELDS[condition.field].label}."
    if condition.op not in platform.operators:
        return f'{platform.name}\'s rules have no "{OPERATORS[condition.op].label}".'
    return ""


def _widened(condition: Condition, platform: Platform) -> Condition:
    wider = _WIDER.get(condition.op, condition.op)
    return condition if condition.op in platform.operators else replace(condition, op=wider)


def _said(rule: Rule) -> str:
    return f"“{rule.describe()}”"


def _shared(roster: Roster, asked: Sequence[Rule]) -> np.ndarray:
    """bool[sections] the request shares: everything where nothing can be asked for."""
    if not asked:
        return np.ones(len(roster.sections), dtype=bool)
    return np.logical_or.reduce([rule_mask(roster, rule) for rule in asked])


def _students_of(roster: Roster, sections: np.ndarray) -> int:
    """How many students are in one of these sections (bool) at least."""
    inside = np.zeros(len(roster.students), dtype=bool)
    inside[roster.enrollments.student[sections[roster.enrollments.section]]] = True
    return int(inside.sum())


def _lines(rule: Rule, spelt: dict[Condition, tuple[str, ...]], platform: Platform) -> list[tuple[str, ...]]:
    """What to type for one rule, a line a filter; several rules where the platform takes one value at a time."""
    alternatives: list[list[str]] = [[]]
    for condition in rule.when:
        one, several = platform.operators[condition.op]
        values = _typed(spelt[condition])
        field = FIELDS[condition.field].label.capitalize()
        if len(values) == 1 or several:
            words = one if len(values) == 1 else several
            alternatives = [[*lines, f"{field} {words}: {f'{_BETWEEN} '.join(values)}"] for lines in alternatives]
        elif condition.op in ("not_contains", "is_not"):
            alternatives = [[*lines, *(f"{field} {one}: {value}" for value in values)] for lines in alternatives]
        else:
            alternatives = [[*lines, f"{field} {one}: {value}"] for lines in alternatives for value in values]
    return [tuple(lines) for lines in alternatives]


def _typed(values: Sequence[str]) -> list[str]:
    """The values of one filter, in quotation marks where one could be read as several."""
    return ['"' + value.replace('"', '""') + '"' for value in values] if any(map(_is_unclear, values)) else [*values]


def _is_unclear(value: str) -> bool:
    return _BETWEEN in value or value.startswith('"') or len(value.splitlines()) > 1


def _letter(request: SharingRequest, platform: Platform, product: str, sender: str, values: Sequence[str]) -> str:
    goal = f"So that each student is in exactly one section in {product}, "
    if request.rules:
        goal += (
            f"please change what is shared with it in {platform.name} to these rules. Letter case matters there, so "
            f"every spelling that occurs is listed. Please use rules: {platform.picking}."
        )
    else:
        goal += (
            f"we choose among the sections you share on our side: {platform.name}'s rules cannot say which. "
            "Please go on sharing all sections."
        )
    parts = ["Hello,", goal]
    for number, lines in enumerate(request.rules, 1):
        first, *more = lines
        parts.append("\n".join([f"{platform.rule_word} {number}", f"  {first}", *(f"  and {line}" for line in more)]))
    if any(map(_is_unclear, values)):
        doubled = " A doubled mark inside stands for one." if any('"' in value for value in values) else ""
        marked = "Values in quotation marks are one value each. Please enter them without the marks at both ends."
        parts.append(marked + doubled)
    if look_alike(values):
        parts.append(
            "Some spellings look alike: they differ in blanks, or in how accents are stored. Please copy each one."
        )
    parts.append("\n".join(["What this changes:", *_changes(request)]))
    if request.obstacles:
        told = [f"  - {text}" for text in request.obstacles]
        parts.append("\n".join(["What these rules cannot say; we take care of it on our side:", *told]))
    parts.append(
        "One question: do your sync settings let us receive and approve this change promptly? A pause, or a hold on "
        f"large changes, would keep it from reaching {product} before the assessment window."
    )
    parts.append(f"Thank you,\n{sender}" if sender else "Thank you.")
    return "\n\n".join(parts) + "\n"


def _changes(request: SharingRequest) -> list[str]:
    told = [
        f"  - Sections shared: {request.sections_before:,} now, {request.sections_after:,} after.",
        f"  - Students in a shared section: {request.students_before:,} now, {request.students_after:,} after.",
        f"  - Assessed students in exactly one shared section after: {request.one:,} of {request.in_scope:,}.",
    ]
    if request.lost:
        students = counted(request.lost, "student")
        told.append(f"  - {students} would lose the section they are assessed in; let us talk first.")
    return told
