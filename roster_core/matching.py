"""Which sections a condition or rule matches, and what a rule set decides for a section.

Text is matched once for each distinct text, by Arrow's kernels: literal search and RE2, whose time is
linear in the text, so that no expression can hang the server. The answer is spread over the sections
by codes. Nothing here loops over sections, students or enrollments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.roster import Roster, TextColumn, fold_text, lower_text
from roster_core.rule_words import OPERATORS
from roster_core.rules import Condition, Rule, RuleSet
from roster_core.text_blocks import BLOCK, TextBlocks, rows_of
from roster_core.vocabulary import GRADE_ORDER, GRADES

#: A verdict below zero: the enrollment is not kept.
DROPPED, UNMATCHED = -1, -2

# Arrow's kernels run on one core and let Python go; a long column is matched in slices, a core each.
_CORES = pa.cpu_count()
_POOL = ThreadPoolExecutor(_CORES, thread_name_prefix="matching")

_Kernel = Callable[[pa.Array, str], pa.Array]
_KERNELS: dict[str, _Kernel] = {
    "contains": lambda texts, value: pc.match_substring(texts, pattern=value),
    "starts_with": lambda texts, value: pc.starts_with(texts, pattern=value),
    "ends_with": lambda texts, value: pc.ends_with(texts, pattern=value),
}


def condition_mask(roster: Roster, condition: Condition) -> np.ndarray:
    """bool[sections]: the sections that meet one condition. Costs one pass over the field's distinct texts."""
    column = roster.text(condition.field)
    if column.blocks is None:
        return _distinct_mask(column, condition)[column.codes]
    size = -(-len(column.blocks) // _CORES) * BLOCK
    slices = [_sliced(column, column.blocks, start, size) for start in range(0, len(column.values), size)]
    masks = _POOL.map(lambda part: _distinct_mask(part, condition), slices)
    return np.concatenate(list(masks)).take(column.codes)


def rule_mask(roster: Roster, rule: Rule) -> np.ndarray:
    """bool[sections]: the sections that meet all conditions of a rule, whatever the students' grades."""
    return reduce(np.logical_and, (condition_mask(roster, condition) for condition in rule.when))


def text_mask(names: Sequence[str], conditions: Sequence[Condition]) -> np.ndarray:
    """bool[names]: which of some free texts meet all conditions, each read as the condition's own field."""
    texts = fold_text(pa.array(names, pa.large_string()))
    column = TextColumn(np.arange(len(names), dtype=np.int32), texts, lower_text(texts))
    masks = [_distinct_mask(column, condition) for condition in conditions]
    return reduce(np.logical_and, masks, np.ones(len(names), dtype=bool))


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What a rule set says of every section, once for each group of grades that its rules tell apart.

    `rule_masks`: bool[rules, sections]. `graded`: bool[rules, grade groups], whether a rule speaks of the
    group's students. `group_of_grade`: int8[grades + 1], the last for students without a usable grade.
    `keeper`: int16[groups, sections]: the first keep rule's place in the list where the enrollment is kept
    (0 where the rule set has no keep rule), `DROPPED` or `UNMATCHED` where it is not.
    """

    rule_masks: np.ndarray
    graded: np.ndarray
    group_of_grade: np.ndarray
    keeper: np.ndarray


def judge(roster: Roster, rule_set: RuleSet) -> Verdicts:
    """The verdicts of a rule set, pins aside. Costs one text pass a condition, then arrays as long as the sections."""
    masks = np.array([rule_mask(roster, rule) for rule in rule_set.rules], dtype=bool)
    return judge_masks(rule_set, masks.reshape(len(rule_set.rules), len(roster.sections)))


def judge_masks(rule_set: RuleSet, masks: np.ndarray) -> Verdicts:
    """The verdicts where the rules' section masks (bool[rules, sections]) are known already."""
    count = masks.shape[1]
    graded, group_of_grade = _grade_groups(rule_set.rules)
    keeps = [index for index, rule in enumerate(rule_set.rules) if rule.do == "keep"]
    keeper = np.full((graded.shape[1], count), UNMATCHED if keeps else 0, dtype=np.int16)
    for group in range(graded.shape[1]):
        # Last rule first, so that the earliest is what remains; drops last of all, for a drop wins over any keep.
        for index in reversed(keeps):
            if graded[index, group]:
                keeper[group][masks[index]] = index
        for index, rule in enumerate(rule_set.rules):
            if rule.do == "drop" and graded[index, group]:
                keeper[group][masks[index]] = DROPPED
    return Verdicts(masks, graded, group_of_grade, keeper)


def highlights(names: Sequence[str], condition: Condition) -> list[list[tuple[int, int]]]:
    """For each text, where the condition's values are found: (start, stop) pairs, none where it does not match.

    For showing only: positions are of the text as given, so a hit that exists only after folding is
    left unmarked. Negative operators mark nothing. Costs one kernel pass a value.
    """
    texts = pa.array(names, pa.large_string())
    marks: list[list[tuple[int, int]]] = [[] for _ in names]
    if OPERATORS[condition.op].negative or not OPERATORS[condition.op].takes_values:
        return marks
    flags = "" if condition.match_case else "(?i)"
    for value in condition.values:
        found = pc.extract_regex_span(texts, pattern=f"{flags}(?P<hit>{_expression(condition.op, value)})")
        for place, span in enumerate(found.to_pylist()):
            if span and span["hit"][1]:
                start, length = span["hit"]
                text = names[place].encode()
                # An expression can end within a letter (`\C` is one byte); the mark then ends before it.
                before, hit = (part.decode(errors="ignore") for part in (text[:start], text[start : start + length]))
                marks[place].append((len(before), len(before) + len(hit)))
    return marks


def _distinct_mask(column: TextColumn, condition: Condition) -> np.ndarray:
    """bool[distinct texts]: which of a column's texts meet the condition."""
    operator = OPERATORS[condition.op]
    if not operator.takes_values:
        met = pc.equal(column.values, pa.scalar("", pa.large_string()))
    elif condition.op == "matches":
        met = _any_of(column.values, condition.values, lambda texts, value: pc.match_substring_regex(
            texts, pattern=value, ignore_case=not condition.match_case))  # fmt: skip
    else:
        values = fold_text(pa.array(condition.values, pa.large_string()))
        texts = column.values if condition.match_case else column.lowered
        wanted = values if condition.match_case else lower_text(values)
        if condition.op in ("is", "is_not"):
            met = pc.is_in(texts, value_set=wanted)
        elif texts is column.lowered and column.blocks is not None and operator.key.endswith("contains"):
            mask = reduce(np.logical_or, (_found_by_block(texts, column.blocks, value) for value in wanted.to_pylist()))
            return ~mask if operator.negative else mask
        else:
            met = _found(texts, wanted.to_pylist(), condition.op.removeprefix("not_"))
    mask = met.to_numpy(zero_copy_only=False)
    return ~mask if operator.negative else mask


def _sliced(column: TextColumn, blocks: TextBlocks, start: int, size: int) -> TextColumn:
    """A part of a long column's distinct texts, whole blocks of them; the codes stay those of the whole."""
    part = blocks.sliced(start // BLOCK, size // BLOCK)
    return TextColumn(column.codes, column.values.slice(start, size), column.lowered.slice(start, size), part)


def _found(texts: pa.Array, values: Sequence[str], op: str) -> pa.Array:
    if op == "contains" and len(values) > 1:
        # RE2 looks for all of them in one pass, as long as a pass for one.
        return pc.match_substring_regex(texts, pattern="|".join(_quoted(value) for value in values))
    return _any_of(texts, values, _KERNELS[op])


def _found_by_block(texts: pa.Array, blocks: TextBlocks, value: str) -> np.ndarray:
    """bool: whether each text contains the value; looked at one by one only in the blocks where it may stand."""
    may = blocks.near(value)
    if may is None:
        # RE2 runs through a long text many times as fast as through many short ones.
        may = pc.match_substring_regex(blocks.texts, pattern=_quoted(value)).to_numpy(zero_copy_only=False)
    if may.mean() > 0.5:
        return pc.match_substring(texts, pattern=value).to_numpy(zero_copy_only=False)
    rows = rows_of(may, len(texts))
    found = np.zeros(len(texts), dtype=bool)
    found[rows] = pc.match_substring(texts.take(pa.array(rows)), pattern=value).to_numpy(zero_copy_only=False)
    return found


def _any_of(texts: pa.Array, values: Sequence[str], kernel: _Kernel) -> pa.Array:
    return reduce(pc.or_, (kernel(texts, value) for value in values))


def _grade_groups(rules: Sequence[Rule]) -> tuple[np.ndarray, np.ndarray]:
    """Grades that every rule treats alike form one group: (bool[rules, groups], int8[grades + 1])."""
    speaks = np.ones((len(rules), len(GRADES) + 1), dtype=bool)
    for index, rule in enumerate(rules):
        if rule.student_grades:
            speaks[index] = False
            speaks[index, [GRADE_ORDER[grade] for grade in rule.student_grades]] = True
    groups, group_of_grade = np.unique(speaks, axis=1, return_inverse=True)
    return groups, group_of_grade.reshape(-1).astype(np.int8)


def _expression(op: str, value: str) -> str:
    """The RE2 expression that finds a literal value where the operator looks for it, blanks as flexible as folding."""
    if op == "matches":
        parts = _OPENINGS.sub(lambda found: "(?:" if found["opening"] else found[0], value)
        # A quotation nobody closed goes to the end, and would take in the bracket that comes after it.
        return parts + "\\E" * any(_is_open(found[0]) for found in _OPENINGS.finditer(value))
    literal = r"\s+".join(_quoted(part) for part in value.split())
    placed = {"is": rf"^\s*{literal}\s*$", "starts_with": rf"^\s*{literal}", "ends_with": rf"{literal}\s*$"}
    return placed.get(op, literal)


# What in an expression is no opening of a capturing group, and what is one: Arrow tells spans of named groups only,
# and refuses an expression that has others beside them.
_OPENINGS = re.compile(
    r"""\\Q.*?(?:\\E|\Z) | \\. | \[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\] | (?P<opening>\((?!\?)|\(\?P?<\w+>)""",
    re.VERBOSE | re.DOTALL,
)


def _is_open(part: str) -> bool:
    return part.startswith(r"\Q") and not part[2:].endswith(r"\E")


def _quoted(text: str) -> str:
    return "".join("\\" + letter if letter.isascii() and not letter.isalnum() else letter for letter in text)


def grade_groups_of(roster: Roster, verdicts: Verdicts) -> np.ndarray:
    """int8[students]: the grade group of each student."""
    return verdicts.group_of_grade[roster.grade_codes]
