"""How families are marked in labels, and how a label or a combination of them is said in plain English."""

from __future__ import annotations

#: What a label shows in the place of a teacher's name and of a number.
TEACHER_MARK, NUMBER_MARK = "<teacher>", "#"
#: The combination of students who are enrolled in nothing.
NO_SECTIONS = "no sections"
#: What stands in a combination before how often a family occurs, and between families. No label holds either.
TIMES, BETWEEN = " ×", " + "

_FEW = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def family_words(label: str) -> str:
    """A family's label in plain English: `Homeroom - <teacher>` reads `Homeroom + a teacher's name`."""
    lead = label.removesuffix(TEACHER_MARK)
    inside = lead.replace(TEACHER_MARK, "(teacher)")
    if lead == label:
        return inside
    words = inside.rstrip(" -")
    return f"{words} + a teacher's name" if words else "a teacher's name alone"


def combination_words(combination: str, most: int = 0) -> str:
    """A combination of `Overlaps` in plain English: `two sections of HR #`, `HR # and Advisory #`.

    `most`: so many families are named and the others counted; 0 names all.
    """
    parts = combination.split(BETWEEN)
    told = [_part_words(part) for part in (parts[:most] if most else parts)]
    if len(told) < len(parts):
        return f"{', '.join(told)} and {len(parts) - len(told)} more"
    return " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))


def _part_words(part: str) -> str:
    label, _, times = part.rpartition(TIMES)
    if not label:
        return family_words(part)
    number = _FEW[int(times)] if int(times) < len(_FEW) else times
    return f"{number} sections of {family_words(label)}"
