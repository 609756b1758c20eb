"""How much a section looks like a homeroom: what breaks the tie between rules that work."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from roster_core.roster import Roster, id_codes

# Words for a homeroom in the languages of the districts' schools; they only break ties between rules that work. A word
# ends where its letters end, so that `HR0301` and `MATH101` are read as what they are.
_HOMEROOM = (
    r"(?i)(home ?-?(room|base|group)|(^|\PL)(hrm?|hmrm|hmr|adv|avid)(\PL|$)|advis|\bcrew\b|form room|tutor|sal[oó]n|"
    r"hogar|titulaire|\baula\b|vie de classe|class meeting|morning meeting|\bbase class|班主任|班会|담임|chủ nhiệm)"
)
_PERHAPS = r"(?i)(^|\PL)(grade|grado|class|classe|clase|room|gr|kinder\pL*|kg|kdg)(\PL|$)|^\d+ ?-?[a-z]$"
_TAUGHT = (
    r"(?i)(^|\PL)(math|mathematics|mat|ma|algebra|geometry|ela|english|reading|writing|science|sci|biology|history|"
    r"social|studies|music|band|choir|chorus|orchestra|art|arts|pe|p\.e\.|gym|health|spanish|french|library|lunch|"
    r"recess|stem|computer|technology|speech|mtss|intervention|enrichment|support|tutoring|club|study hall|esl|eld|ell|"
    r"language|lab|lectura|ciencias|matem[aá]ticas|m[uú]sica|arte|anglais|math[eé]matiques|数学|语文|科学)(\PL|$)"
)
# A rule for a term that is over or not begun would be wrong today.
_OTHER_TERM = 0.5


def homeroom_likeness(roster: Roster, enrolled: np.ndarray) -> np.ndarray:
    """float64[sections], 0 to 1: how much a section looks like a whole class of one grade that starts its day together.

    From its class type and subject where they say so, its words, its size, whether one grade fills it, and whether
    its term is running. Costs one match of the distinct names and two counts of the enrollments.
    """
    said = _said(roster, "class_type", r"(?i)homeroom|advis") | _said(roster, "subject", r"(?i)homeroom|advis")
    worded = _said(roster, "section_name", _HOMEROOM) | _said(roster, "course_name", _HOMEROOM)
    taught = _said(roster, "subject", r"(?i)math|english|language|science|social|art|music|PE |physical|technology")
    taught |= _said(roster, "section_name", _TAUGHT) | _said(roster, "course_name", _TAUGHT)
    perhaps = _said(roster, "section_name", _PERHAPS)
    cue = np.select(
        [said & worded, (said | worded) & ~taught, said | worded, taught, perhaps], [1.0, 0.9, 0.6, 0.15, 0.5], 0.35
    )
    grades = np.zeros((len(roster.sections), 32))
    np.add.at(grades, (roster.enrollments.section, roster.grade_codes[roster.enrollments.student]), 1.0)
    purity = grades.max(axis=1, initial=0.0) / np.maximum(grades.sum(axis=1), 1.0)
    size = np.select([enrolled > 45, enrolled < 6], [0.5, 0.4], 1.0)
    return cue * size * np.where(purity >= 0.75, 1.0, 0.7) * np.where(of_other_term(roster), _OTHER_TERM, 1.0)


def section_likeness(roster: Roster) -> np.ndarray:
    """float64[sections]: `homeroom_likeness` where every student of the roster counts."""
    enrolled = np.bincount(roster.enrollments.section, minlength=len(roster.sections))
    return homeroom_likeness(roster, enrolled)


def of_other_term(roster: Roster) -> np.ndarray:
    """bool[sections]: the term was over or had not begun when the roster was fetched, by its dates, else its name.

    A name tells only where it names a school year, as `2025-26` does; school years begin in July.
    """
    day, terms = roster.fetched_at.date().isoformat(), roster.terms
    start, end = (terms[name].str.slice(0, 10) for name in ("start_date", "end_date"))
    other = ((start != "") & (start > day)) | ((end != "") & (end < day))
    dated = (start != "") | (end != "")
    place = id_codes(roster.sections["term_id"], terms["term_id"])
    known = np.append(dated.to_numpy(dtype=bool), False)[place]
    names = roster.text("term_name")
    year = pc.struct_field(pc.extract_regex(names.values, r"(?P<year>20\d\d) ?[-/–] ?(?:20)?\d\d"), "year")
    now = str(roster.fetched_at.year - (roster.fetched_at.month < 7))
    elsewhere = pc.fill_null(pc.not_equal(year, now), False).to_numpy(zero_copy_only=False)[names.codes]
    return np.where(known, np.append(other.to_numpy(dtype=bool), False)[place], elsewhere)


def _said(roster: Roster, field: str, expression: str) -> np.ndarray:
    column = roster.text(field)
    return pc.match_substring_regex(column.values, expression).to_numpy(zero_copy_only=False)[column.codes]
