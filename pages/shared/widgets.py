"""Drawing pieces: values in, values out. Numbers, times, masked names, errors, links, tables."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from pages.shared import services, state
from roster_core import wording
from roster_core.errors import InputError, Refusal, RosterError, RuleError
from roster_core.roles import Role
from roster_core.vocabulary import GRADE_ORDER, GRADES

#: A count with its noun, and a share, as the core writes them; at hand where something is drawn.
count, percent = wording.counted, wording.percent

#: Where a roster came from, as people say it.
SOURCES: Mapping[str, str] = {
    "clever": "from Clever",
    "clever-csv": "from Clever files",
    "clever-files": "from Clever answers",
    "oneroster": "from OneRoster files",
    "sample": "made up here",
}
PERSONAL_COLUMNS = ("first_name", "last_name", "birthdate", "birthdate_raw")
_SHORT_GRADES = {
    "InfantToddler": "Infant",
    "PreKindergarten": "Pre-K",
    "TransitionalKindergarten": "TK",
    "Kindergarten": "K",
    "PostGraduate": "Post-graduate",
}
# An address as `plain` leaves it.
_ADDRESS = re.compile(r"(?:\w|\\[.+\-_])+\\@(?:\w|\\[.\-])*\w")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~:^=&@])")
# A label is one line in the middle of which fewer marks do something; each escaped one is read aloud.
_IN_LABEL = re.compile(r"([\\`*_\[\]<>$~:@]|(?<=www)\.)", re.IGNORECASE)


def number(value: int) -> str:
    """A count with its thousands marked: `4,812`."""
    return f"{value:,}"


def in_exactly_one(one: int, whole: int) -> str:
    """The number everything turns on: `4,812 of 4,870 in exactly one (98.8 %)`, as Markdown."""
    return f"**{one:,} of {whole:,}** in exactly one ({percent(one, whole)})"


def plain(text: str) -> str:
    """Text from a roster as Markdown that shows it as written, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def label(text: str) -> str:
    """Text from a roster within the label of a button or field, shown as written; ordinary names stay untouched."""
    return _IN_LABEL.sub(r"\\\1", " ".join(text.split()))


def people(text: str) -> str:
    """Text that names people by their address, as Markdown that shows it as written and makes no link of it."""
    return _ADDRESS.sub(lambda found: f"`{found[0].replace(chr(92), '')}`", plain(text))


def moment(when: datetime | str) -> datetime:
    """A time in the time zone of the browser; texts are ISO, UTC where they name no zone."""
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return at.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return at.astimezone(UTC)


def zone() -> tzinfo:
    """The time zone of the person at the screen."""
    found = moment(datetime.now(UTC)).tzinfo
    assert found is not None  # moments here are aware
    return found


def clock(when: datetime | str) -> str:
    """A time as people write it: `23 Nov 08:10`, with the year where it is not this one."""
    at = moment(when)
    this_year = at.year == moment(datetime.now(UTC)).year
    return f"{at.day} {at:%b} {at:%H:%M}" if this_year else wording.short_day(at)


def minute(when: datetime | str) -> str:
    """A time to the minute, which sorts as it was, for a column of a table: `2026-11-23 08:10`."""
    return f"{moment(when):%Y-%m-%d %H:%M}"


def age(when: datetime | str, now: datetime) -> str:
    """How long ago: `just now`, `12 min`, `4 h`, `3 days`."""
    minutes = max(0, int((now - moment(when)).total_seconds() // 60))
    if minutes < 2:
        return "just now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def grade_label(grade: str) -> str:
    """A grade as schools write it: `K`, `Pre-K`, `3`; `no usable grade` for the empty one."""
    return _SHORT_GRADES.get(grade, grade) or "no usable grade"


def grades_text(grades: Sequence[str]) -> str:
    """Grades as ranges in school order: `K-5, 7`; `all grades` for none named."""
    if not grades:
        return "all grades"
    places = sorted(GRADE_ORDER[grade] for grade in grades)
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return ", ".join(_run(run) for run in runs)


def show_error(error: Exception) -> None:
    """Shows what a person can act on, with its places; anything else is a bug and is raised to be seen."""
    if not isinstance(error, RosterError):
        raise error
    if isinstance(error, RuleError):
        st.error("\n".join(["The rules have problems:", *(f"- {plain(str(item))}" for item in error.problems)]))
    elif isinstance(error, Refusal):
        st.warning(plain(str(error)))
    elif isinstance(error, InputError):
        st.error("  \n".join(plain(line) for line in str(error).splitlines()))
    else:
        st.error(plain(str(error)))


def link(page: str, label: str, *, icon: str | None = None, coloured: bool = True) -> None:
    """A link to another page (`pages/rules.py`); its plain label where a page runs without the frame."""
    try:
        st.page_link(page, label=f":primary[{label}]" if coloured else label, icon=icon)
    except StreamlitPageNotFoundError:
        st.caption(label)


def go(page: str) -> None:
    """Opens another page (`pages/students.py`) at once; its name where a page runs without the frame."""
    try:
        st.switch_page(page)
    except StreamlitPageNotFoundError:
        st.caption(f"Open the {page.removeprefix('pages/').removesuffix('.py').capitalize()} page.")


def to_copy(label: str, text: str, *, key: str) -> None:
    """Draws a text for the clipboard in a box: one Tab and Ctrl+A away, and drawn at once, as `st.code` is not.

    What a person changes in the box is theirs to copy; nobody else sees it.
    """
    st.text_area(label, text, height="content", key=f"{key}:{zlib.crc32(text.encode()):08x}", on_change="ignore")


def empty(title: str, what_next: str) -> None:
    """An empty state: what is not there, and what to do next."""
    with st.container(border=True):
        st.markdown(f"**{title}**")
        st.write(what_next)


def allowed(role: Role) -> bool:
    """Whether the person at the screen may do what asks for that role; where not, says who can."""
    if services.may(role):
        return True
    st.caption(f":material/lock: {services.only(role)}")
    return False


def reveal_toggle() -> bool:
    """The switch that shows names and birthdates in this session; gives whether they are shown."""
    able = services.may("reviewer")
    why = "They stay masked until you need them, so that nobody reads them over your shoulder."
    # Set each time: another district begins masked, whatever the switch said of the one before.
    state.set_widget("reveal_names", state.revealed())
    st.toggle(
        "Reveal names and birthdates",
        key="reveal_names",
        on_change=_reveal,
        disabled=not able,
        help=why if able else services.only("reviewer"),
    )
    return state.revealed()


#: Pixels of a table's row, and of its head.
ROW_HEIGHT = 33


def masked(frame: pd.DataFrame, *, shown: bool) -> pd.DataFrame:
    """The frame with names as `A•••` and birthdates as `••••`, unless they are to be shown to somebody who may."""
    if shown and services.may("reviewer"):
        return frame
    held = {name: _mask(frame[name], name) for name in PERSONAL_COLUMNS if name in frame.columns}
    return frame.assign(**held)


def student_table(frame: pd.DataFrame, *, key: str, alt: str, shown: bool = False, most: int = 10) -> None:
    """A table of students with the columns it finds, named as people name them; names masked unless shown."""
    st.dataframe(
        masked(frame, shown=shown),
        key=key,
        hide_index=True,
        column_config=COLUMN_LABELS,
        alt=alt,
        height=table_height(len(frame), most),
    )


def table_height(rows: int, most: int) -> str | int:
    """As tall as its rows; of more than `most`, so many and a part of the next, which says that there are others."""
    return "content" if rows <= most else ROW_HEIGHT * (most + 1) + ROW_HEIGHT * 2 // 3


#: Column names of the core, as people read them.
COLUMN_LABELS: Mapping[str, str] = {
    "student_id": "Student id",
    "student_number": "Number",
    "first_name": "First name",
    "last_name": "Last name",
    "birthdate": "Birthdate",
    "grade": "Grade",
    "school_id": "School id",
    "school_name": "School",
    "section_id": "Section id",
    "section_name": "Section",
    "section_ids": "Sections",
    "course_name": "Course",
    "course_number": "Course number",
    "subject": "Subject",
    "period": "Period",
    "section_grade": "Section grade",
    "term_name": "Term",
    "teacher_name": "Teacher",
    "status": "Status",
    "in_scope": "Students",
    "one": "In exactly one",
    "none": "In none",
    "several": "In several",
    "excused": "Excused",
    "code": "Code",
    "severity": "Severity",
    "owner": "Owner",
    "message": "What and what to do",
    "file": "File",
    "row": "Row",
    "id": "Id",
}


def _reveal() -> None:
    services.require_access("reviewer")
    shown = bool(state.widget("reveal_names"))
    if shown and not state.was_revealed():
        # Written down before anything is shown; once a session and district is what a reader of the log needs.
        services.note(state.district_id(), "reveal-names")
        state.note_revealed()
    state.reveal(shown)


def _mask(column: pd.Series, name: str) -> pd.Series:
    if name.startswith("birthdate"):
        hidden = np.where(column == "", "", "••••")
    else:
        hidden = np.where(column == "", "", column.str.slice(0, 1) + "•••")
    return pd.Series(hidden, index=column.index, dtype="str")


def _run(places: Sequence[int]) -> str:
    first, last = grade_label(GRADES[places[0]]), grade_label(GRADES[places[-1]])
    return first if first == last else f"{first}-{last}" if len(places) > 2 else f"{first}, {last}"
