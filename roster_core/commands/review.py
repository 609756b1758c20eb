"""Commands that look and change nothing: inspect, coverage, suggest, sharing-request."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap

import click

from roster_core.commands.speech import aligned, json_option, progress_line, records, say, write_csv, write_file
from roster_core.commands.wiring import load_data, now, read_rules, settings
from roster_core.coverage import Coverage, evaluate
from roster_core.errors import InputError
from roster_core.letter import to_eml
from roster_core.messages import Message
from roster_core.roster import Roster
from roster_core.sharing import PLATFORMS, sharing_request
from roster_core.suggest import Suggestion, suggest_rules
from roster_core.vocabulary import GRADES
from roster_core.wording import counted

rules_option = click.option(
    "--rules", "rules_file", required=True, type=click.Path(path_type=Path), help="The rule file."
)

_TABLES = ("schools", "sections", "students", "teachers", "enrollments")
# More findings than a screen shows are better read as JSON.
_SHOWN_FINDINGS = 20


@click.command()
@click.argument("data")
@json_option
def inspect(data: str, as_json: bool) -> None:
    """What DATA holds, and what was wrong with its rows."""
    with progress_line() as progress:
        roster = load_data(data, progress).roster
        counts = {name: len(getattr(roster, name)) for name in _TABLES}
        document = {"fingerprint": roster.fingerprint, **counts, "findings": records(roster.findings)}
    say(_inspected(roster, counts), document, as_json)


@click.command()
@click.argument("data")
@rules_option
@click.option("--students", "students_file", type=click.Path(path_type=Path), help="Write one row a student here.")
@json_option
def coverage(data: str, rules_file: Path, students_file: Path | None, as_json: bool) -> None:
    """How many students are in none, one or several kept sections."""
    rule_set = read_rules(rules_file)
    with progress_line() as progress:
        covered = evaluate(load_data(data, progress).roster, rule_set)
        if students_file:
            write_csv(covered.students_frame(), students_file)
    say(_covered(covered, students_file), _coverage_document(covered), as_json)


@click.command()
@click.argument("data")
@click.option("--grades", default="", help="Assessed grades, comma between them; all where not given.")
@click.option("--limit", default=5, type=click.IntRange(1, 50), show_default=True, help="At most so many.")
@json_option
def suggest(data: str, grades: str, limit: int, as_json: bool) -> None:
    """Rule sets that leave one section a student, best first."""
    asked = _grades(grades)
    with progress_line() as progress:
        roster = load_data(data, progress).roster
        found = suggest_rules(roster, grades=asked, limit=limit, progress=progress)
    say(_suggested(found), [_suggestion_document(suggestion) for suggestion in found], as_json)


@click.command("sharing-request")
@click.argument("data")
@rules_option
@click.option("--platform", type=click.Choice(list(PLATFORMS)), default="clever", help="Where the district shares.")
@click.option("--instead-of", type=click.Path(path_type=Path), help="A rule file whose request is in force now.")
@click.option("--out", type=click.Path(path_type=Path), help="Write it here, FILE.eml, as a letter not yet sent.")
@json_option
def share(
    data: str, rules_file: Path, platform: str, instead_of: Path | None, out: Path | None, as_json: bool
) -> None:
    """The rules as a request that the district can type into Clever, ClassLink or Edlink."""
    rule_set, chosen = read_rules(rules_file), settings()
    before = read_rules(instead_of) if instead_of is not None else None
    with progress_line() as progress:
        roster = load_data(data, progress).roster
        request = sharing_request(
            roster, rule_set, platform=platform, product=chosen.product_name, instead_of=before
        )  # fmt: skip
    if out is not None:
        write_file(out, to_eml(Message(request.subject, request.text), now()))
    say([request.subject, "", request.text.rstrip()], asdict(request), as_json)


def _grades(text: str) -> tuple[str, ...]:
    grades = tuple(word.strip() for word in text.split(",") if word.strip())
    unknown = [grade for grade in grades if grade not in GRADES]
    if unknown:
        raise InputError(f'--grades: "{unknown[0]}" is not a grade; expected some of {", ".join(GRADES)}.')
    return grades


def _inspected(roster: Roster, counts: dict[str, int]) -> list[str]:
    lines = aligned([[name, number] for name, number in counts.items()], indent="")
    lines += [f"fingerprint  {roster.fingerprint}", ""]
    if not len(roster.findings):
        return [*lines, "Nothing is wrong with its rows."]
    shown = roster.findings.head(_SHOWN_FINDINGS)
    lines.append(f"{counted(len(roster.findings), 'finding')}:")
    for file, row, code, message in zip(shown["file"], shown["row"], shown["code"], shown["message"], strict=True):
        lines.append(f"  {file}{f' row {row}' if row else ''}: {code}: {message}")
    rest = len(roster.findings) - len(shown)
    return [*lines, f"  and {rest:,} more; --json lists them all."] if rest else lines


def _covered(covered: Coverage, students_file: Path | None) -> list[str]:
    left_out = covered.out_of_scope_reasons()["no_usable_grade"]
    lines = [
        f"{covered.one:,} of {counted(covered.in_scope, 'student')} in scope are in exactly one kept section.",
        *aligned([[word, getattr(covered, word)] for word in ("one", "several", "none", "excused")]),
        f"Out of scope: {counted(covered.out_of_scope, 'student')}, {left_out:,} of them without a usable grade.",
        f"Kept: {covered.sections_kept:,} of {counted(len(covered.roster.sections), 'section')}.",
    ]
    for effect, rule in zip(covered.rule_effects(), covered.rule_set.rules, strict=True):
        matched = f"{counted(effect.sections, 'section')}, {counted(effect.enrollments, 'enrollment')}"
        lines.append(f"  rule {effect.index + 1}  {rule.describe()}  [{effect.warning or matched}]")
    if students_file:
        return [*lines, f"Each student in scope is in {students_file}."]
    if covered.none or covered.several:
        return [*lines, "Next: --students OUT.csv lists each student; suggest proposes rules."]
    return [*lines, "Next: preflight."]


def _coverage_document(covered: Coverage) -> dict[str, object]:
    words = ("in_scope", "none", "one", "several", "excused")
    rules = [
        {"index": e.index, "do": e.do, "description": rule.describe(), "sections": e.sections}
        | {"enrollments": e.enrollments, "only": e.only, "second": e.second, "dead": e.dead, "shadowed": e.shadowed}
        for e, rule in zip(covered.rule_effects(), covered.rule_set.rules, strict=True)
    ]
    return {
        **{word: getattr(covered, word) for word in words},
        "sections": len(covered.roster.sections),
        "sections_kept": covered.sections_kept,
        "out_of_scope": covered.out_of_scope,
        "no_usable_grade": covered.out_of_scope_reasons()["no_usable_grade"],
        "by_school_grade": records(covered.by_school_grade()),
        "rules": rules,
    }


def _suggested(found: list[Suggestion]) -> list[str]:
    if not found:
        return ["No rule set was found that is worth proposing. Look at the section names with inspect."]
    lines: list[str] = []
    for place, suggestion in enumerate(found, 1):
        share = f"{suggestion.one:,} of {counted(suggestion.in_scope, 'student')} in exactly one section"
        rest = f"{suggestion.none:,} in none, {suggestion.several:,} in several"
        lines.append(f"{place}. {suggestion.name}: {share}, {rest}")
        lines += [f"   {line}" for line in suggestion.rule_set.describe().splitlines()]
        lines += [*wrap(suggestion.explanation, 100, initial_indent="   ", subsequent_indent="   "), ""]
    return [*lines, "Next: --json gives each as a rule file."]


def _suggestion_document(suggestion: Suggestion) -> dict[str, object]:
    words = ("one", "none", "several", "in_scope", "explanation")
    rule_set = json.loads(suggestion.rule_set.to_json())
    return {"name": suggestion.name, "rule_set": rule_set, **{word: getattr(suggestion, word) for word in words}}
