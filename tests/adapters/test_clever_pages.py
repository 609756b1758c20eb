"""However oddly Clever pages and writes its lists, nothing is lost and nothing is taken twice."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster_core.errors import ServiceError
from tests.adapters.awkward_clever import (
    AwkwardClever,
    FakeClock,
    Fault,
    Lists,
    Manners,
    cut,
    cut_chunks,
    dropped,
    half_json,
    limited,
    status,
)
from tests.adapters.clever_district import OAK, a_client, a_district, calm_pull


@pytest.fixture
def clock() -> FakeClock:
    """Time for server and client."""
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[AwkwardClever]:
    """A server with one district."""
    with AwkwardClever({OAK: a_district("Oak")}, clock=clock.time) as running:
        yield running


MANNERS = {
    "small pages": Manners(page_size=7),
    "pages of one": Manners(page_size=1),
    "an exactly full last page": Manners(page_size=10),
    "empty pages that lead on": Manners(page_size=7, empty_pages=True),
    "links in any order": Manners(page_size=7, shuffled=random.Random(3)),
    "records on two pages": Manners(page_size=7, overlap=3),
    "unknown fields, words and nulls": Manners(page_size=7, strange=True),
    "whole addresses": Manners(page_size=7, whole_addresses=True),
    "small limit": Manners(largest_limit=100),
}


@pytest.mark.parametrize("manners", MANNERS.values(), ids=MANNERS)
def test_however_lists_are_paged_the_roster_is_the_same(clock: FakeClock, manners: Manners) -> None:
    """No record is lost or taken twice, and nothing is found wrong."""
    lists = a_district(students=230)
    with AwkwardClever({OAK: lists}, manners, clock=clock.time) as server:
        roster = a_client(server, clock).pull("oak-district")
    assert roster.findings.empty and roster.fingerprint == calm_pull(lists).fingerprint


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    page_size=st.integers(1, 40),
    overlap=st.integers(0, 5),
    empty_pages=st.booleans(),
    strange=st.booleans(),
)
def test_an_awkward_server_costs_nothing(
    seed: int, page_size: int, overlap: int, empty_pages: bool, strange: bool
) -> None:
    """Whatever goes wrong meanwhile, the roster is the one of a calm server, and no limit is broken."""
    chosen, clock, lists = random.Random(seed), FakeClock(), a_district(students=60, sections=9, seed=seed)
    faults: list[Fault | None] = [None] * 12
    faults += [dropped, cut, cut_chunks, half_json, *(status(code) for code in (500, 502, 503, 504))]
    faults += [limited(0.3), limited(60), limited(60, reset="")]
    manners = Manners(page_size, 10_000, empty_pages, overlap, chosen, strange)
    with AwkwardClever({OAK: lists}, manners, clock=clock.time, chaos=lambda: chosen.choice(faults)) as server:
        try:
            roster = a_client(server, clock).pull("oak-district")
        except ServiceError as error:
            # Six failures in a row, or a quarter of an hour of limits: then nothing is kept at all.
            assert "6 times" in str(error) or "no more requests" in str(error)
            return
        finally:
            assert server.too_early == []
    assert roster.findings.empty and roster.fingerprint == calm_pull(lists).fingerprint


def test_a_next_link_that_comes_again_is_an_error(server: AwkwardClever, clock: FakeClock) -> None:
    """Pages that lead in a circle end with an error and not never."""
    again = json.dumps({"data": [], "links": [{"rel": "next", "uri": "/v3.0/schools?limit=10000"}]}).encode()
    server.faults["schools"] = [status(200, again)]
    with pytest.raises(ServiceError, match="/v3.0/schools lead in a circle"):
        a_client(server, clock).pull("oak-district")


def test_a_next_link_to_another_host_is_refused(server: AwkwardClever, clock: FakeClock) -> None:
    """The token does not follow a link to another host."""
    away = json.dumps({"data": [], "links": [{"rel": "next", "uri": "https://evil.example/v3.0/schools"}]}).encode()
    server.faults["schools"] = [status(200, away)]
    with pytest.raises(ServiceError, match=r"another address \(evil.example\)"):
        a_client(server, clock).pull("oak-district")


def test_a_district_without_data_is_an_empty_roster(clock: FakeClock) -> None:
    """A district that shares nothing yet is not an error: it has no students."""
    lists: Lists = {name: [] for name in a_district()}
    with AwkwardClever({OAK: {**lists, "districts": a_district()["districts"]}}, clock=clock.time) as server:
        roster = a_client(server, clock).pull("oak-district")
    assert len(roster.students) == len(roster.sections) == len(roster.enrollments) == 0 and roster.findings.empty


def test_odd_records_are_taken_or_told(server: AwkwardClever, clock: FakeClock) -> None:
    """Numbers become text, nulls become nothing, unknown students are told, a record without id is unreadable."""
    lists = copy.deepcopy(a_district())
    pupil = lists["users"][0]["roles"]["student"]
    pupil.update({"student_number": 17, "grade": 3, "dob": None, "schools": None, "sis_id": 12.0})
    lists["users"][1]["name"] = None
    lists["users"][2]["id"] = None
    lists["sections"][0] |= {"teacher": None, "period": 4, "subject": "underwater basketry", "students": None}
    lists["sections"][1]["students"] = ["nobody", "oak-student-00000", "oak-student-00000"]
    server.districts[OAK] = lists
    roster = a_client(server, clock).pull("oak-district")
    first = roster.students.iloc[0]
    assert (first.student_number, first.sis_id, first.grade, first.birthdate) == ("17", "12", "3", "")
    assert roster.students.iloc[1].first_name == ""
    section = roster.sections.iloc[0]
    assert (section.teacher_id, section.period, section.subject) == ("oak-teacher-0", "4", "underwater basketry")
    codes = roster.findings["code"].value_counts().to_dict()
    assert codes.pop("unknown-student-in-section") >= 1
    assert codes == {"unreadable-row": 1, "repeated-enrollment": 1}


def test_the_recorded_answers_go_through(test_data: Path, clock: FakeClock) -> None:
    """Clever's own recorded records, served in pages of 30, become a roster of the known size."""
    folder = test_data / "clever-api-v3.0-recorded"

    def recorded(*names: str) -> list[dict[str, object]]:
        pages = [json.loads((folder / f"{name}.json").read_text())["body"]["data"] for name in names]
        return [item["data"] for page in pages for item in page]

    lists = {
        "districts": recorded("districts"),
        "schools": recorded("schools_p1_limit3", "schools_p2_last"),
        "terms": recorded("terms"),
        "courses": recorded("courses_p1"),
        "users": recorded("users_p1", "users_p2"),
        "sections": recorded("sections_p1", "sections_p2"),
    }
    with AwkwardClever({OAK: lists}, Manners(page_size=30), clock=clock.time) as server:
        roster = a_client(server, clock).pull(server.district_id(OAK))
    assert (len(roster.schools), len(roster.students), len(roster.sections)) == (4, 200, 200)
    assert (roster.students["birthdate"] != "").all()
    assert set(roster.findings["code"]) == {"unknown-student-in-section"}
