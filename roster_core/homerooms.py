"""How much a section looks like a homeroom: what breaks the tie between rules that work."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from roster_core.roster import Roster, id_codes

# Words for a homeroom and for what is none, in the languages of the districts' schools; they only break ties between
# rules that work. A word ends where its letters end, so that `HR0301` and `MATH101` are read as what they are; scripts
# that join words, or put the article before them, are looked for anywhere.
_HOMEROOM = (
    r"(?i)(home ?-?(room|base|group|rm|team|class)|(^|\PL|\d[a-h])(hrm?|hmrm|hmr|h?m-?room|adv|avid)(\PL|$)|advis|"
    r"\bcrew\b|"
    r"form room|tutor|sal[oó]n|hogar|titula(ire|riat)|\baula\b|grupo base|vie de classe|groupe-classe|"
    r"(class|morning|am) (meeting|circle|motivation)|attendance|self-?contained|\bbase class|klassenle|klas prensipal|"
    r"sal akèy|turma|классн|wychowawcz|silid|pangkat|班|导师|導師|早会|早會|朝会|ホームルーム|学級|담임|조회|학급|"
    r"chủ nhiệm|sinh hoạt|lớp nhà|الصف الرئيسي|غرفة الصف|مربي)"
)
_PERHAPS = (
    r"(?i)(^|\PL)(grade|grado|class|classe|clase|klas|room|gr|kinder\pL*|kg|kdg|lớp|fasalka)(\PL|$)|^\d+ ?-?[a-z]$|"
    r"الصف|فصل"
)
_TAUGHT = (
    r"(?i)(^|\PL)(math|mathematics|mat|ma|algebra|geometry|ela|english|reading|writing|science|sci|biology|history|"
    r"social|studies|music|band|choir|chorus|orchestra|art|arts|pe|p\.e\.|gym|health|spanish|french|library|stem|"
    r"computer|technology|speech|esl|eld|ell|language|lab|lectura|ciencias|matem[aá]ticas?|m[uú]sica|arte|escritura|"
    r"estudios|anglais|fran[cç]ais|math[eé]matiques|sciences|musique|histoire|lecture|matematik\pL*|lekti|syans|mizik|"
    r"istwa|leitura|ci[eê]ncias|hist[oó]ria|toán|đọc|khoa học|nhạc|mỹ thuật|lịch sử|thể dục|agham|pagbasa|musika|"
    r"mathe|deutsch|musik|математика|чтение|музыка|история)(\PL|$)|[数數]学|數學|算数|语文|語文|英[语語文]|科学|科學|"
    r"音[乐樂楽]|体育|體育|美[术術]|图画|図工|[历歷]史|[阅閱]读|閱讀|理科|国語|社会|수학|국어|과학|음악|체육|미술|영어|"
    r"رياض|قراءة|علوم|موسيقى|تاريخ|فنون|كتابة"
)
# Lists that hold each student once too, but no class: who eats, rides or is counselled together.
_ELSEWHERE = (
    r"(?i)(^|\PL)(bus|van|route|ruta|carpool|riders?|walkers?|dismissal|lunch|almuerzo|recess|recreo|caf[eé]|cafeteria|"
    r"breakfast|duty|locker|caseload|guidance|counsel\pL*|nurse|library|mtss|rti|tier|win|intervention|enrichment|"
    r"support|tutoring|club|study|after ?school|test(ing)?|staff)(\PL|$)"
)
# What a schedule writes where others write 1, 2, 3: the period of a homeroom, or at least one unlike the rest.
_HOMEROOM_CODE = (
    r"(?i)^(0+($|[\-_. ])|(hr|hrm|hm|hmr|hmrm|homer|homeroom|home room|ad|adv|advis\pL*)($|[\d\-_. ]))"
)
_MOSTLY = 0.8
# A list of a whole grade holds nearly all of it, and half as many more than its rooms do; one room may hold it all.
_WHOLE, _BEYOND, _ONE_ROOM, _LIST = 0.8, 1.5, 30, 0.2
_LESSON = 0.15  # the cue of what is taught; less is that of who eats, rides or is counselled together
# A rule for a term that is over or not begun would be wrong today.
_OTHER_TERM = 0.5
# The months in which a part of a school year runs, by what it is called.
_PARTS = {
    r"fall|autumn|oto[ñn]o|automne|(^|\PL)(s|sem|semest\pL+) ?-?1(\PN|$)": range(7, 13),
    r"spring|primavera|printemps|(^|\PL)(s|sem|semest\pL+) ?-?2(\PN|$)": range(1, 7),
    r"(^|\PL)(q|qtr|quarter|mp) ?-?1(\PN|$)": range(7, 11),
    r"(^|\PL)(q|qtr|quarter|mp) ?-?2(\PN|$)": range(10, 13),
    r"(^|\PL)(q|qtr|quarter|mp) ?-?3(\PN|$)": range(1, 4),
    r"(^|\PL)(q|qtr|quarter|mp) ?-?4(\PN|$)": range(3, 7),
    r"(^|\PL)(t|tri|trimest\pL+) ?-?1(\PN|$)": range(7, 12),
    r"(^|\PL)(t|tri|trimest\pL+) ?-?2(\PN|$)": (11, 12, 1, 2, 3),
    r"(^|\PL)(t|tri|trimest\pL+) ?-?3(\PN|$)": range(3, 7),
}


def homeroom_likeness(roster: Roster, enrolled: np.ndarray) -> np.ndarray:
    """float64[sections], 0 to 1: how much a section looks like a whole class of one grade that starts its day together.

    From its class type, subject, period, section or course number where they say so, its words, its size, whether one
    grade fills it, whether it lists a whole grade that has rooms, and whether its term is running. Costs a match of the
    distinct texts and two counts of the enrollments.
    """
    cue = _cue(roster)
    grades = np.zeros((len(roster.sections), 32))
    np.add.at(grades, (roster.enrollments.section, roster.grade_codes[roster.enrollments.student]), 1.0)
    purity = grades.max(axis=1, initial=0.0) / np.maximum(grades.sum(axis=1), 1.0)
    listed = _of_whole_grade(roster, grades, cue > _LESSON)
    size = np.select([listed, enrolled > 45, enrolled < 6], [_LIST, 0.5, 0.4], 1.0)
    mixed = np.select([purity >= 0.75, purity >= 0.45], [1.0, 0.7], 0.45)
    return cue * size * mixed * np.where(of_other_term(roster), _OTHER_TERM, 1.0)


def _of_whole_grade(roster: Roster, grades: np.ndarray, room: np.ndarray) -> np.ndarray:
    """bool[sections]: lists of a whole grade of a school that has rooms for it.

    `grades`: float[sections, 32], students by grade. `room`: bool[sections], what may be one; lessons are in halves
    where there is one room.
    """
    schools, width = len(roster.schools) + 1, grades.shape[1]
    grade, size = grades.argmax(axis=1), grades.sum(axis=1)
    school = id_codes(roster.sections["school_id"], roster.schools["school_id"]).astype(np.int64)
    place = (school % schools) * width + grade
    own = (roster.school_codes.astype(np.int64) % schools) * width + roster.grade_codes % width
    everybody = np.bincount(own, minlength=schools * width)[place]
    rooms = np.flatnonzero((size > 0) & room)
    order = rooms[np.lexsort((size[rooms], place[rooms]))]
    count = np.bincount(place[order], minlength=schools * width)
    middle = (np.cumsum(count) - count + (count - 1) // 2)[place]
    typical = np.append(size[order], np.inf)[np.where(count[place] > 0, middle, -1)]
    return (grades.max(axis=1, initial=0.0) >= _WHOLE * everybody) & (size > np.maximum(_BEYOND * typical, _ONE_ROOM))


def _cue(roster: Roster) -> np.ndarray:
    """float64[sections]: what a section's fields say of it, 0.1 (a bus) to 1 (a homeroom by field and by name)."""
    said = _said(roster, "class_type", r"(?i)homeroom|advis") | _said(roster, "subject", r"(?i)homeroom|advis")
    said |= _marked(roster, "period") | _marked(roster, "section_number")
    said |= _said(roster, "course_number", r"(?i)^(hrm?|hmrm|homer|adv)($|[\d\-_. ])")
    worded = _said(roster, "section_name", _HOMEROOM) | _said(roster, "course_name", _HOMEROOM)
    taught = _said(roster, "subject", r"(?i)math|english|language|science|social|art|music|PE |physical|technology")
    taught |= _said(roster, "section_name", _TAUGHT) | _said(roster, "course_name", _TAUGHT)
    elsewhere = _said(roster, "section_name", _ELSEWHERE) | _said(roster, "course_name", _ELSEWHERE)
    perhaps = _said(roster, "section_name", _PERHAPS) | _said(roster, "course_name", _PERHAPS)
    named = said | worded
    unlike = _unlike_the_rest(roster, "period", r"\pL", r"^\d+$")
    unlike |= _unlike_the_rest(roster, "section_number", r"\pL.?\d|\d.?\pL", r"^\d*$")
    unlike |= _unlike_the_rest(roster, "section_number", r"^\d{3}", r"^\d{0,2}$")
    cues = {
        0.1: elsewhere & ~named,
        0.3: elsewhere & ~said,
        1.0: said & worded,
        0.9: named & ~taught & ~elsewhere,
        0.6: named,
        0.28: taught & unlike,
        _LESSON: taught,
        0.5: perhaps,
        0.45: unlike,
    }  # the first that holds
    return np.select(list(cues.values()), list(cues), 0.35)


def _marked(roster: Roster, field: str) -> np.ndarray:
    """bool[sections]: a field says homeroom by a code, where it does not say the same of nearly all."""
    said = _said(roster, field, _HOMEROOM_CODE)
    return said & (said.sum() <= _MOSTLY * len(said))


def _unlike_the_rest(roster: Roster, field: str, rare: str, common: str) -> np.ndarray:
    """bool[sections]: the field is written in one way (an expression), where nearly all others are in another."""
    unlike, rest = _said(roster, field, rare), int(_said(roster, field, common).sum())
    return unlike & (rest >= _MOSTLY * (rest + int(unlike.sum())))


def section_likeness(roster: Roster) -> np.ndarray:
    """float64[sections]: `homeroom_likeness` where every student of the roster counts."""
    enrolled = np.bincount(roster.enrollments.section, minlength=len(roster.sections))
    return homeroom_likeness(roster, enrolled)


def of_other_term(roster: Roster) -> np.ndarray:
    """bool[sections]: the term was over or had not begun when the roster was fetched, by its dates, else its name.

    A name tells where it names a school year (`2025-26`), which begin in July, or a part of one (`Fall`, `S1`, `Q2`).
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
    for part, months in _PARTS.items():
        if roster.fetched_at.month not in months:
            elsewhere = elsewhere | _said(roster, "term_name", f"(?i){part}")
    return np.where(known, np.append(other.to_numpy(dtype=bool), False)[place], elsewhere)


def _said(roster: Roster, field: str, expression: str) -> np.ndarray:
    column = roster.text(field)
    return pc.match_substring_regex(column.values, expression).to_numpy(zero_copy_only=False)[column.codes]
