"""Examples of a rule set: names it must keep or drop, tried at every edit and in the preflight."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.matching import Verdicts, judge_masks, text_mask
from roster_core.roster import Roster, fold_text
from roster_core.rules import Example, Rule, RuleSet
from roster_core.vocabulary import GRADE_ORDER, GRADES


@dataclass(frozen=True, slots=True)
class ExampleFailure:
    """An example that does not come out as expected: its place in the list, itself, and a sentence."""

    index: int
    example: Example
    message: str


def example_failures(roster: Roster, rule_set: RuleSet, verdicts: Verdicts) -> tuple[ExampleFailure, ...]:
    """The examples whose expectation the rules do not meet; `verdicts` are those of the rule set on the roster.

    A name that the roster has stands for all its sections, with their other fields; each must come out
    as expected. A name it does not have stands for a section of which only the name is known. A section
    counts as kept where the rules keep it for at least one assessed grade.
    """
    if not rule_set.examples:
        return ()
    names = fold_text(pa.array([example.section_name for example in rule_set.examples], pa.large_string()))
    kept_sections = (verdicts.keeper[_assessed_groups(rule_set, verdicts)] >= 0).any(axis=0)
    alone = _alone(rule_set, names.to_pylist())
    column = roster.text("section_name")
    codes = pc.fill_null(pc.index_in(names, value_set=column.values), -1).to_numpy()
    failures = []
    for index, example in enumerate(rule_set.examples):
        outcome = kept_sections[column.codes == codes[index]] if codes[index] >= 0 else alone[index : index + 1]
        wrong = ~outcome if example.expect == "keep" else outcome
        if wrong.any():
            failures.append(ExampleFailure(index, example, _sentence(example, len(outcome), int(wrong.sum()))))
    return tuple(failures)


def _alone(rule_set: RuleSet, names: list[str]) -> np.ndarray:
    """bool[names]: whether a section is kept of which only the name is known."""
    masks = np.array([_masked(rule, names) for rule in rule_set.rules], dtype=bool)
    verdicts = judge_masks(rule_set, masks.reshape(len(rule_set.rules), len(names)))
    return (verdicts.keeper[_assessed_groups(rule_set, verdicts)] >= 0).any(axis=0)


def _masked(rule: Rule, names: list[str]) -> np.ndarray:
    """bool[names]: whether a rule matches sections that have a name and nothing else."""
    of_name = [condition for condition in rule.when if condition.field == "section_name"]
    others = [replace(condition, field="section_name") for condition in rule.when if condition not in of_name]
    return text_mask(names, of_name) & text_mask([""] * len(names), others)


def _assessed_groups(rule_set: RuleSet, verdicts: Verdicts) -> np.ndarray:
    grades = [GRADE_ORDER[grade] for grade in rule_set.assessed_grades] or range(len(GRADES))
    return np.unique(verdicts.group_of_grade[list(grades)])


def _sentence(example: Example, sections: int, wrong: int) -> str:
    expected = "kept" if example.expect == "keep" else "dropped"
    found = "dropped" if example.expect == "keep" else "kept"
    how_many = f" ({wrong} of {sections} sections of that name)" if sections > 1 else ""
    return f'"{example.section_name}" must be {expected}, but the rules leave it {found}{how_many}.'
