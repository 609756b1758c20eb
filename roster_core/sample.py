"""A made-up district: what the app shows before anybody has connected one, and what tests and benchmarks run on.

Every name comes from the short lists below; no real school, teacher or child is in it. The habits are those seen
in shared rosters: each school names its homerooms in its own way, an intervention borrows the word "Homeroom",
a teacher is called Homer, and a handful of students lack a birthdate, have no section, or sit in two homerooms.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from roster_core.assembly import Table, Tables, assemble
from roster_core.errors import InputError
from roster_core.roster import ID_SEPARATOR, District, Roster
from roster_core.sample_sections import GRADE_WORDS, Layout, class_blocks, extras, lunch, position

SAMPLE_DATE = datetime(2026, 11, 2, 12, tzinfo=UTC)
DISTRICT_NAME = "Sample district (made-up)"

_PLACES, _SITES, _FIRST, _LAST = (
    words.split()
    for words in (
        """
        Cedar Birch Maple Willow Aspen Juniper Hazel Laurel Linden Poplar Rowan Alder Spruce Elm Oak Pine Sumac
        Myrtle Olive Holly
        """,
        """
        Hill Creek Ridge Valley Park Grove Lake Meadow Point Bridge Field Harbor
        """,
        """
        Ada Amir Ana Ben Bo Cal Chen Dara Dev Eli Emma Eva Finn Gia Hana Hugo Ida Iris Ivan Jada Jai Joy Juan Kai
        Kim Lea Leo Lin Lola Luz Mara Max Mei Mia Milo Mina Nia Nico Noor Nora Omar Owen Pia Quinn Raj Remy Rosa
        Ruby Sam Sara Sofia Tess Theo Tia Uma Vera Wes Yara Zane Zoe
        """,
        """
        Abbot Adler Alvarez Baker Banks Barry Bell Boyd Brook Chan Clay Cole Cruz Daley Diaz Dunn Ellis Evans Farr
        Fox Garza Gill Grant Gray Haas Hale Hall Hardy Ito Jain Kaur Kelly Kerr Khan Kim Kirk Lane Lara Lee Lopez
        Lowe Marsh May Mehta Moss Nash Neal Novak Ochoa Okoye Ortiz Owens Park Patel Perez Pratt Quist Ramos Reed
        Ross Ruiz Sato Shah Silva Stone Tran Vega Wade Wong York Young Zamora Zeller
        """,
    )
)
_K8, _ELEMENTARY, _MIDDLE = "K-8", "Elementary", "Middle"
# (kind of school, how it names the homerooms of K-5): the schools take these in turn.
_HABITS = ((_K8, "plain"), (_ELEMENTARY, "short"), (_MIDDLE, ""), (_ELEMENTARY, "generated"), (_ELEMENTARY, "grade"))
_LEVELS = {_K8: (0, 9), _ELEMENTARY: (0, 6), _MIDDLE: (6, 9)}  # first grade, one past the last; 0 is kindergarten


def sample_district(students: int = 2000, seed: int = 7, *, fetched_at: datetime = SAMPLE_DATE) -> Roster:
    """A deterministic made-up district of `students` students in K-8, with about 8 enrollments a student.

    The same arguments give the same tables, hence the same fingerprint, on any machine; of `fetched_at` only the
    school year (from July) enters the tables, so that terms and ages stay current. With one rule for each habit
    nearly every student is in one section; about six in a thousand carry a planted fault.
    Raises InputError when `students` is not between 1 and 5,000,000, or `seed` is negative.
    """
    if not 1 <= students <= 5_000_000:
        raise InputError(f"A sample district has 1 to 5,000,000 students; {students:,} were asked for.")
    if seed < 0:
        raise InputError(f"The seed of a sample district is 0 or more; {seed} was given.")
    rng = np.random.Generator(np.random.PCG64(seed))
    layout = _layout(students, rng)
    faults = _faults(layout, rng)
    tables = _tables(layout, faults, fetched_at.year - (fetched_at.month < 7), rng)
    district = District(id="sample", name=DISTRICT_NAME, state="")
    return assemble(tables, district=district, source="sample", fetched_at=fetched_at)


def _tables(layout: Layout, faults: dict[str, np.ndarray], year: int, rng: np.random.Generator) -> Tables:
    blocks = [*class_blocks(layout), lunch(layout), *extras(layout, rng)]
    starts = np.cumsum([0, *(len(block.sections) for block in blocks)])
    section = np.concatenate([block.section + start for block, start in zip(blocks, starts, strict=False)])
    student, section = _with_faults(np.concatenate([block.student for block in blocks]), section, faults, layout)
    written = _sections(pd.concat([block.sections for block in blocks], ignore_index=True), layout, rng)
    enrollments = {
        "section_id": _ids("sec", section, len(written)),
        "student_id": _ids("stu", student, len(layout.student_school)),
    }
    courses = written[["course_id", "course_name", "course_number"]].drop_duplicates("course_id")
    frames = {
        "students": _students(layout, faults, year, rng),
        "sections": written,
        "enrollments": pd.DataFrame(enrollments),
        "schools": _schools(layout),
        "terms": _terms(year),
        "courses": courses,
        "teachers": _teachers(layout, rng),
    }
    return Tables(
        **{name: Table(name, frame.astype("str"), np.arange(1, len(frame) + 1)) for name, frame in frames.items()}
    )


def _layout(students: int, rng: np.random.Generator) -> Layout:
    schools = max(1, round(students / 400))
    habit = np.arange(schools) % len(_HABITS)
    kind = np.array([kind for kind, _ in _HABITS])[habit]
    low, high = np.array([_LEVELS[kind] for kind, _ in _HABITS])[habit].T
    if schools == 1:  # a very small district has only as many grades as it can fill
        high = np.minimum(high, max(1, students // 25))
    school = np.sort(np.arange(students) % schools)
    grade = low[school] + position(school) * (high - low)[school] // np.bincount(school)[school]
    cell, size = np.unique(school * 16 + grade, return_counts=True)
    rooms = np.maximum(1, np.rint(size / 25).astype(np.int64))
    first = np.cumsum(rooms) - rooms
    cell_of = np.searchsorted(cell, school * 16 + grade)
    of_class = np.repeat(np.arange(len(cell)), rooms)
    teachers = int(rooms.sum()) + 3 * schools
    # A stride that shares no factor with the list keeps the last names of neighbouring rooms different.
    name = (np.arange(teachers) * 31 + int(rng.integers(len(_LAST)))) % len(_LAST)
    names = np.array(_LAST)[name].astype(object)
    names[0 if schools == 1 else int(np.searchsorted(cell[of_class] // 16, 1))] = "Homer"
    return Layout(
        student_school=school,
        student_grade=grade,
        student_class=first[cell_of] + position(cell_of) % rooms[cell_of],
        student_regrouped=first[cell_of] + (rng.permutation(students) % rooms[cell_of]),
        class_school=cell[of_class] // 16,
        class_grade=cell[of_class] % 16,
        class_letter=position(of_class),
        school_kind=kind,
        school_style=np.array([style for _, style in _HABITS])[habit],
        last_name=names,
    )


def _faults(layout: Layout, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Disjoint students with a fault: no section, no homeroom, two homerooms, no birthdate."""
    students = len(layout.student_school)
    each = round(students * 0.0015)
    drawn = rng.permutation(students)[: 4 * each].reshape(4, each)
    faults = dict(zip(("no_section", "no_homeroom", "two_homerooms", "no_birthdate"), drawn, strict=True))
    # A second room of the same school and grade: the neighbour in the list; any neighbour where there is none.
    room = layout.student_class[faults["two_homerooms"]]
    cell = layout.class_school * 16 + layout.class_grade
    after, before = np.minimum(room + 1, len(cell) - 1), np.maximum(room - 1, 0)
    forward = (after != room) & ((cell[after] == cell[room]) | (cell[before] != cell[room]) | (before == room))
    faults["second_homeroom"] = np.where(forward, after, before)
    return faults


def _with_faults(
    student: np.ndarray, section: np.ndarray, faults: dict[str, np.ndarray], layout: Layout
) -> tuple[np.ndarray, np.ndarray]:
    homerooms = len(layout.class_school)  # the first sections of all
    lost = np.isin(student, faults["no_section"])
    lost |= np.isin(student, faults["no_homeroom"]) & (section < homerooms)
    return (
        np.concatenate([student[~lost], faults["two_homerooms"]]),
        np.concatenate([section[~lost], faults["second_homeroom"]]),
    )


def _students(layout: Layout, faults: dict[str, np.ndarray], year: int, rng: np.random.Generator) -> pd.DataFrame:
    students = len(layout.student_school)
    first, last = rng.integers(len(_FIRST), size=students), rng.integers(len(_LAST), size=students)
    # A kindergartner turned five in the year before the first of September.
    september = (year - 5 - layout.student_grade - 1970).astype("datetime64[Y]").astype("datetime64[M]") + 8
    birthdate = (september.astype("datetime64[D]") - rng.integers(0, 365, size=students)).astype(str).astype(object)
    birthdate[faults["no_birthdate"]] = ""
    school = _ids("sch", layout.student_school, len(layout.school_kind))
    second = _ids("sch", (layout.student_school + 1) % len(layout.school_kind), len(layout.school_kind))
    both = (rng.random(students) < 0.01) & (len(layout.school_kind) > 1)
    number = np.arange(students)
    return pd.DataFrame(
        {
            "student_id": _ids("stu", number, students),
            "student_number": _ids("", number + 100_000, students + 100_000),
            "sis_id": _ids("sis", number, students),
            "first_name": np.asarray(_FIRST, object)[first],
            "last_name": np.asarray(_LAST, object)[last],
            "birthdate_raw": birthdate,
            "grade_raw": GRADE_WORDS[layout.student_grade],
            "school_id": school,
            "school_ids": np.where(both, school + ID_SEPARATOR + second, school),
        }
    )


def _sections(blocks: pd.DataFrame, layout: Layout, rng: np.random.Generator) -> pd.DataFrame:
    count, teachers = len(blocks), len(layout.last_name)
    with_another = rng.random(count) < 0.06
    other = _ids("tea", rng.integers(teachers, size=count), teachers)
    lead = _ids("tea", blocks["teacher"].to_numpy(), teachers)
    with_another &= np.asarray(other != lead)
    elective = blocks["course_name"].str.startswith("Spanish").to_numpy()
    term = np.where(elective, 1 + np.arange(count) % 2, 0)
    course = pd.factorize(blocks["course_name"] + "|" + blocks["course_number"])[0]
    columns = {
        "section_id": _ids("sec", np.arange(count), count),
        "section_sis_id": _ids("x", np.arange(count), count),
        "course_id": _ids("cou", course, count),
        "term_id": _ids("ter", term, 3),
        "term_name": "",
        "school_id": _ids("sch", blocks["school"].to_numpy(), len(layout.school_kind)),
        "teacher_id": lead,
        "co_teacher_ids": np.where(with_another, other, ""),
        "class_type": "",
    }
    return blocks.drop(columns=["school", "teacher"]).assign(**columns)


def _schools(layout: Layout) -> pd.DataFrame:
    number = np.arange(len(layout.school_kind))
    place, site = np.asarray(_PLACES, object)[number % 20], np.asarray(_SITES, object)[number * 7 % 12]
    lap = number // 60  # the two lists pair up in sixty ways
    suffix = np.where(lap > 0, np.char.add(" ", (lap + 1).astype(str)), "").astype(object)
    return pd.DataFrame(
        {
            "school_id": _ids("sch", number, len(number)),
            "school_name": place + " " + site + " " + layout.school_kind.astype(object) + suffix,
            "school_number": _ids("", number + 100, len(number) + 100),
        }
    )


def _terms(year: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "term_id": _ids("ter", np.arange(3), 3),
            "term_name": [f"Full Year {year}-{year + 1}", "Semester 1", "Semester 2"],
            "start_date": [f"{year}-07-01", f"{year}-07-01", f"{year + 1}-01-01"],
            "end_date": [f"{year + 1}-06-30", f"{year}-12-31", f"{year + 1}-06-30"],
        }
    )


def _teachers(layout: Layout, rng: np.random.Generator) -> pd.DataFrame:
    count = len(layout.last_name)
    ids = _ids("tea", np.arange(count), count)
    email = layout.last_name + "." + ids + "@sample.example"
    return pd.DataFrame(
        {
            "teacher_id": ids,
            "first_name": np.asarray(_FIRST, object)[rng.integers(len(_FIRST), size=count)],
            "last_name": layout.last_name,
            "email": np.where(rng.random(count) < 0.02, "", email),
        }
    )


def _ids(prefix: str, numbers: np.ndarray, count: int) -> np.ndarray:
    """Zero-padded ids as an object array, so that their order as text is their order as numbers."""
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), len(str(count)), "0")
    return np.asarray(pc.binary_join_element_wise(f"{prefix}-" if prefix else "", digits, ""), object)
