"""The districts page: the list, loading by files, refresh, what was found, and loads that fail."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from roster_core.adapters.store import Store
from tests.pages.conftest import Open, finish_jobs, told

STUDENTS = "Student_id,First_name,Last_name,DOB,Grade,School_id,Student_number\nU1,Ada,Lane,1/2/2017,3,A,N1\n"
SECTIONS = "Section_id,Name,School_id,Teacher_id\nS1,Homeroom,A,T1\n"
ENROLLMENTS = "Section_id,Student_id,School_id\nS1,U1,A\nS9,U1,A\n"
FILES = {"students.csv": STUDENTS, "sections.csv": SECTIONS, "enrollments.csv": ENROLLMENTS}


def upload(page: AppTest, name: str, files: dict[str, str], made_on: date | None = None) -> AppTest:
    """Drops the files, names the district, loads them, and waits until the page shows the outcome."""
    turn = next(box.key for box in page.text_input if box.key.startswith("upload_name_")).rsplit("_", 1)[1]
    dropped = [(each, text.encode(), "text/csv") for each, text in files.items()]
    page.file_uploader(key=f"upload_{turn}").set_value(dropped)
    page.text_input(key=f"upload_name_{turn}").set_value(name)
    if made_on:
        page.date_input(key=f"upload_made_{turn}").set_value(made_on)
    page.run()
    page.button(key="load_files").click().run()
    finish_jobs()
    return page.run()


def test_the_first_start_lists_the_sample_district(open_page: Open, store: Store) -> None:
    """With no settings there is one district, said to be made up, and its numbers."""
    page = open_page("districts")
    assert "Sample data: no real child is in it." in told(page)
    assert {metric.label: metric.value for metric in page.metric}["Students"] == "2,000"
    assert [record.id for record in store.districts.list()] == ["sample"]


def test_files_become_a_district_and_it_is_chosen(open_page: Open, store: Store) -> None:
    """Uploaded Clever CSV is loaded in a job, kept in the store under a readable id, and looked at."""
    page = upload(open_page("districts"), "Springfield USD", FILES)
    assert "Loaded Springfield USD: 1 student, 1 section, 1 enrollment." in told(page)
    assert store.rosters.latest("springfield-usd").students == 1
    assert page.query_params["district"] == "springfield-usd"
    assert "Who is assessed?" in told(page)


def test_what_was_wrong_with_single_rows_is_listed_by_code(open_page: Open) -> None:
    """An enrollment in a section nobody knows is counted under its code, with an example."""
    page = upload(open_page("districts"), "Springfield USD", FILES)
    found = next(frame.value for frame in page.dataframe if "Found" in frame.value.columns)
    assert "unknown-section" in set(found["Found"])


def test_the_age_counts_from_the_day_the_files_were_made(open_page: Open, store: Store) -> None:
    """Files made on an earlier day are as old as that day."""
    upload(open_page("districts"), "Springfield USD", FILES, date(2026, 1, 5))
    assert store.rosters.latest("springfield-usd").fetched_at == datetime(2026, 1, 5, 23, 59, 59, tzinfo=UTC)


def test_the_same_name_refreshes_the_district(open_page: Open, store: Store) -> None:
    """Loading under a known name, in any case, gives that district a newer roster and makes no second one."""
    page = upload(open_page("districts"), "Springfield USD", FILES)
    more = STUDENTS + "U2,Bo,Cruz,3/4/2017,3,A,N2\n"
    upload(page, "springfield usd ", {**FILES, "students.csv": more})
    assert store.rosters.latest("springfield-usd").students == 2
    assert [record.id for record in store.districts.list()] == ["sample", "springfield-usd"]


@pytest.mark.parametrize("name", ["Sample", "Springfield-USD"])
def test_a_name_that_is_only_like_another_takes_nobodys_place(open_page: Open, store: Store, name: str) -> None:
    """Real children never end up under the made-up district, nor one district's under another's."""
    page = upload(open_page("districts"), "Springfield USD", FILES)
    before = [(info.district_id, info.fingerprint, info.district_name) for info in store.rosters.list()]
    more = STUDENTS + "U2,Bo,Cruz,3/4/2017,3,A,N2\n"
    page = upload(page, name, {**FILES, "students.csv": more})
    assert "Give these files another name" in told(page)
    assert [(info.district_id, info.fingerprint, info.district_name) for info in store.rosters.list()] == before


def test_a_load_that_fails_changes_nothing_and_says_why(open_page: Open, store: Store) -> None:
    """A missing file is told in one message; the roster from before stays, and the message can be dismissed."""
    page = upload(open_page("districts"), "Springfield USD", FILES)
    before = store.rosters.latest("springfield-usd").fingerprint
    upload(page, "Springfield USD", {"students.csv": STUDENTS, "sections.csv": SECTIONS})
    assert "enrollments.csv" in told(page)
    assert "still in force" in told(page)
    assert store.rosters.latest("springfield-usd").fingerprint == before
    next(button for button in page.button if button.label == "Dismiss").click().run()
    assert "still in force" not in told(page)


def test_a_roster_without_students_is_refused(open_page: Open, store: Store) -> None:
    """Files with a header and nothing else do not empty a district."""
    page = upload(open_page("districts"), "Springfield USD", {**FILES, "students.csv": STUDENTS.splitlines()[0] + "\n"})
    assert "no rows" in told(page)
    assert store.rosters.latest("springfield-usd") is None


def test_files_cannot_be_loaded_before_they_are_named(open_page: Open) -> None:
    """Without files and a name the button is off, and the page says what is missing."""
    page = open_page("districts")
    assert page.button(key="load_files").disabled
    assert "name the district first" in told(page)


def test_refresh_makes_the_sample_anew(open_page: Open, store: Store) -> None:
    """Refresh loads the chosen district again from where it came."""
    page = open_page("districts")
    before = store.rosters.latest("sample").fetched_at
    page.button(key="refresh").click().run()
    finish_jobs()
    page.run()
    assert store.rosters.latest("sample").fetched_at > before
    assert "Loaded Sample district" in told(page)


def test_clever_names_the_settings_it_needs(open_page: Open) -> None:
    """Without credentials the page says which settings to make, and asks Clever nothing."""
    assert "CLEVER_CLIENT_ID" in told(open_page("districts"))


def test_a_recorded_district_loads_from_its_answers(open_page: Open, store: Store, test_data: Path) -> None:
    """A folder of Clever API answers, dropped as files, becomes the district they are of."""
    folder = test_data / "clever-api-v3-demo"
    files = {file.name: file.read_text() for file in folder.glob("*.json")}
    page = upload(open_page("districts"), "Demo district", files)
    assert "Loaded Demo district: 1,004 students" in told(page)


@pytest.mark.parametrize("word", ["Ada", "Lane", "2017"])
def test_no_students_name_is_on_the_page(word: str, open_page: Open) -> None:
    """The page counts students and names none."""
    page = upload(open_page("districts"), "Springfield USD", FILES)
    assert word not in told(page) + "".join(frame.value.to_csv() for frame in page.dataframe)
