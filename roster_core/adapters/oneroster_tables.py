"""Committed rows as the files of a OneRoster 1.1 bulk export, and the zip of them.

Columns as 1EdTech's CSV binding names them. In a bulk export `status` and `dateLastModified` stay blank. The rows
say nothing of courses, terms and co-teachers' names, which OneRoster requires: there is one course, one session (the
school year of the commit), and a co-teacher who leads no section is called by the id.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from roster_core.adapters.columns import as_text, joined_items
from roster_core.commit import Receipt
from roster_core.errors import InputError
from roster_core.roster import ID_SEPARATOR, id_codes
from roster_core.vocabulary import GRADE_ORDER, text_array

COURSE_ID = "assessed-sections"

_TEXT = pa.large_string()
_BULK = ("academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "users")
_ABSENT = ("categories", "classResources", "courseResources", "lineItems", "resources", "results")
_RECORD = ("sourcedId", "status", "dateLastModified")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "manifest": ("propertyName", "value"),
    "academicSessions": (*_RECORD, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    "classes": (
        *(*_RECORD, "title", "grades", "courseSourcedId", "classCode", "classType", "location"),
        *("schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods"),
    ),
    "courses": (
        *(*_RECORD, "schoolYearSourcedId", "title", "courseCode", "grades"),
        *("orgSourcedId", "subjects", "subjectCodes"),
    ),
    "demographics": (
        *(*_RECORD, "birthDate", "sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican"),
        *("nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces"),
        *("hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth"),
        "publicSchoolResidenceStatus",
    ),
    "enrollments": (
        *(*_RECORD, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary"),
        *("beginDate", "endDate"),
    ),
    "orgs": (*_RECORD, "name", "type", "identifier", "parentSourcedId"),
    "users": (
        *(*_RECORD, "enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName", "familyName"),
        *("middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password"),
    ),
}

#: Clever's grade word -> the code OneRoster takes from CEDS.
_GRADE_CODES = {
    "InfantToddler": "IT",
    "Preschool": "PR",
    "PreKindergarten": "PK",
    "TransitionalKindergarten": "TK",
    "Kindergarten": "KG",
    "PostGraduate": "PG",
    "Ungraded": "UG",
    "Other": "Other",
    **{str(number): f"{number:02}" for number in range(1, 14)},
}


def oneroster_zip(receipt: Receipt, rows: pd.DataFrame) -> bytes:
    """The zip of a committed roster: the same bytes for the same receipt and rows, its comment the receipt's digest.

    `rows`: one a student, `ROW_COLUMNS`. Raises InputError for a school id that no OneRoster list can hold.
    """
    check_writable(rows)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, table in _tables(receipt, rows).items():
            # Without a fixed date the same roster would be another file each time.
            entry = zipfile.ZipInfo(f"{name}.csv", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            opened.writestr(entry, _csv(table, _COLUMNS[name]))
        opened.comment = receipt.digest.encode()
    return written.getvalue()


def check_writable(rows: pd.DataFrame) -> None:
    """Raises InputError for a school id with a comma: OneRoster joins the schools of a teacher by commas."""
    broken = rows["school_id"][pc.match_substring(text_array(rows["school_id"]), ",").to_numpy(zero_copy_only=False)]
    if len(broken):
        raise InputError(
            f"School id '{broken.iloc[0]}' holds a comma, which separates ids in a OneRoster file. "
            "Commit to another place, or ask the district for another school id."
        )


def _tables(receipt: Receipt, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    district = f"district-{receipt.district_id}"
    session = _session(receipt)
    rows = rows.assign(school=rows["school_id"].where(rows["school_id"] != "", district))
    sections = rows.drop_duplicates("section_id").sort_values("section_id", ignore_index=True)
    teaching = _teaching(sections, rows["student_id"])
    course = {"sourcedId": COURSE_ID, "schoolYearSourcedId": session["sourcedId"], "title": "Assessed sections"}
    return {
        "manifest": _manifest(receipt),
        "orgs": _orgs(receipt, rows, district),
        "academicSessions": pd.DataFrame([session]),
        "courses": pd.DataFrame([{**course, "orgSourcedId": district}]),
        "classes": _classes(sections, rows, session["sourcedId"]),
        "users": pd.concat([_students(rows), _teachers(teaching)], ignore_index=True),
        "enrollments": _enrollments(rows, teaching),
        "demographics": pd.DataFrame({"sourcedId": rows["student_id"], "birthDate": rows["birthdate"]}),
    }


def _manifest(receipt: Receipt) -> pd.DataFrame:
    properties = {
        "manifest.version": "1.0",
        "oneroster.version": "1.1",
        **{f"file.{name}": "bulk" for name in _BULK},
        **{f"file.{name}": "absent" for name in _ABSENT},
        "source.systemName": "Roster review",
        "source.systemCode": receipt.receipt_id,
    }
    return pd.DataFrame({"propertyName": list(properties), "value": list(properties.values())})


def _session(receipt: Receipt) -> dict[str, str]:
    """The school year in which the roster was committed; it begins in July."""
    day = datetime.fromisoformat(receipt.committed_at)
    first = day.year if day.month >= 7 else day.year - 1
    return {
        "sourcedId": f"school-year-{first + 1}",
        "title": f"{first}-{first + 1}",
        "type": "schoolYear",
        "startDate": f"{first}-07-01",
        "endDate": f"{first + 1}-06-30",
        "schoolYear": str(first + 1),
    }


def _orgs(receipt: Receipt, rows: pd.DataFrame, district: str) -> pd.DataFrame:
    schools = rows[rows["school_id"] != ""].drop_duplicates("school_id").sort_values("school_id")
    named = schools["school_name"].where(schools["school_name"] != "", schools["school_id"])
    of_schools = pd.DataFrame({"sourcedId": schools["school_id"], "name": named}).assign(
        type="school", identifier=schools["school_id"], parentSourcedId=district
    )
    itself = {"sourcedId": district, "name": receipt.district_name or receipt.district_id, "type": "district"}
    return pd.concat([pd.DataFrame([{**itself, "identifier": receipt.district_id}]), of_schools], ignore_index=True)


def _classes(sections: pd.DataFrame, rows: pd.DataFrame, session_id: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sourcedId": sections["section_id"],
            "title": sections["section_name"],
            "grades": _class_grades(sections, rows),
            # Each student is in exactly one of these sections, which is what makes a homeroom.
            "classType": "homeroom",
            "courseSourcedId": COURSE_ID,
            "schoolSourcedId": sections["school"],
            "termSourcedIds": session_id,
        }
    )


def _class_grades(sections: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """The grades of each section's students as codes, youngest first, comma between them."""
    pairs = rows[["section_id", "grade"]].drop_duplicates()
    pairs = pairs[pairs["grade"] != ""]
    owner = id_codes(pairs["section_id"], sections["section_id"]).astype(np.int64)
    order = np.lexsort((pairs["grade"].map(GRADE_ORDER).to_numpy(), owner))
    codes = _grade_codes(pairs["grade"]).iloc[order].reset_index(drop=True)
    joined = joined_items(owner[order], codes, len(sections))
    return as_text(pc.replace_substring(text_array(joined), ID_SEPARATOR, ","))


def _grade_codes(grades: pd.Series) -> pd.Series:
    return grades.map(_GRADE_CODES).fillna("").astype("str")


def _students(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sourcedId": rows["student_id"],
            "enabledUser": "true",
            "orgSourcedIds": rows["school"],
            "role": "student",
            "username": rows["student_id"],
            "givenName": rows["first_name"],
            "familyName": rows["last_name"],
            "identifier": rows["student_number"],
            "grades": _grade_codes(rows["grade"]),
        }
    )


def _teaching(sections: pd.DataFrame, students: pd.Series) -> pd.DataFrame:
    """Who teaches which section: section_id, school, teacher_id, name, primary, and `user`, the id in users.csv."""
    others = pc.split_pattern(text_array(sections["co_teacher_ids"]), ID_SEPARATOR)
    owner = pc.list_parent_indices(others).to_numpy()
    place = ["section_id", "school"]
    leads = sections[[*place, "teacher_id"]].assign(name=sections["teacher_name"], primary="true")
    seconds = sections[place].iloc[owner].reset_index(drop=True)
    seconds = seconds.assign(teacher_id=as_text(pc.list_flatten(others)), name="", primary="false")
    found = pd.concat([leads, seconds], ignore_index=True)
    found = found[found["teacher_id"] != ""].drop_duplicates(["section_id", "teacher_id"])
    found = found.sort_values(["section_id", "primary", "teacher_id"], ascending=[True, False, True], ignore_index=True)
    # Students and teachers share one file: where a school numbers both alike, the teacher's id gives way.
    alike = found["teacher_id"].isin(students)
    return found.assign(user=found["teacher_id"].where(~alike, "teacher-" + found["teacher_id"]))


def _teachers(teaching: pd.DataFrame) -> pd.DataFrame:
    named = teaching.assign(unnamed=teaching["name"] == "").sort_values(["user", "unnamed"], kind="stable")
    people = named.drop_duplicates("user").reset_index(drop=True)
    belongs = teaching[["user", "school"]].drop_duplicates().sort_values(["user", "school"], ignore_index=True)
    owner = id_codes(belongs["user"], people["user"]).astype(np.int64)
    schools = joined_items(owner, belongs["school"], len(people))
    parts = pc.extract_regex(text_array(people["name"]), r"^(?P<given>.*\S)\s+(?P<family>\S+)$")
    whole = people["name"].where(people["name"] != "", people["teacher_id"])
    family = pc.coalesce(pc.struct_field(parts, "family"), text_array(whole))
    return pd.DataFrame(
        {
            "sourcedId": people["user"],
            "enabledUser": "true",
            "orgSourcedIds": as_text(pc.replace_substring(text_array(schools), ID_SEPARATOR, ",")),
            "role": "teacher",
            "username": people["user"],
            "givenName": as_text(pc.fill_null(pc.struct_field(parts, "given"), "Teacher")),
            "familyName": as_text(family),
            "identifier": people["teacher_id"],
        }
    )


def _enrollments(rows: pd.DataFrame, teaching: pd.DataFrame) -> pd.DataFrame:
    taught = teaching[["section_id", "school", "user", "primary"]].assign(role="teacher")
    attended = rows[["section_id", "school"]].assign(user=rows["student_id"], primary="false", role="student")
    both = pd.concat([taught, attended], ignore_index=True)
    return pd.DataFrame(
        {
            "sourcedId": both["role"] + "-" + both["section_id"] + "-" + both["user"],
            "classSourcedId": both["section_id"],
            "schoolSourcedId": both["school"],
            "userSourcedId": both["user"],
            "role": both["role"],
            "primary": both["primary"],
        }
    )


def _csv(frame: pd.DataFrame, columns: tuple[str, ...]) -> bytes:
    """UTF-8, a header row, cells quoted where they must be; what the frame does not hold is blank."""
    whole = frame.reindex(columns=list(columns)).astype("str").fillna("")
    texts = [text_array(whole[name]) for name in columns]
    # A null is written as nothing at all, an empty text as a pair of quotes.
    cells = [pc.if_else(pc.equal(text, ""), pa.scalar(None, _TEXT), text) for text in texts]
    sink = io.BytesIO()
    sink.write(f"{','.join(columns)}\n".encode())
    csv.write_csv(pa.table(cells, names=list(columns)), sink, csv.WriteOptions(include_header=False))
    return sink.getvalue()
