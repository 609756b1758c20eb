"""Messages: what each kind says, and what a reworded template may do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from roster_core import message_facts
from roster_core.adapters.templates import SHIPPED, message_template
from roster_core.digest import Watched
from roster_core.errors import InputError
from roster_core.message_facts import ASKS
from roster_core.messages import COMMON, KINDS, render
from roster_core.preflight import CHECKS, run_preflight
from roster_core.roster import Roster
from roster_core.sharing import sharing_request
from tests.builders import HOMEROOMS, district

HEAD = message_facts.head(product="Screener", team="Our team", district="Springfield USD")
DAY = date(2026, 11, 30)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def faulty() -> Roster:
    """Two students without a birthdate, one of them without a number, and a homeroom without a teacher."""
    return district(
        changed={
            "u1": {"birthdate_raw": ""},
            "u2": {"birthdate_raw": "", "student_number": ""},
            "h1": {"teacher_id": ""},
            "t2": {"email": ""},
        }
    )


@pytest.fixture(scope="module")
def facts(faulty: Roster) -> dict[str, dict[str, object]]:
    """What each kind of message says, for the faulty district."""
    report = run_preflight(faulty, HOMEROOMS)
    return {
        "connect": {"link": "https://clever.example/connect"},
        "sharing": {"chase": DAY},
        "revision": message_facts.revision(sharing_request(faulty, HOMEROOMS, product="Screener", sender="Our team")),
        "errors": message_facts.errors(report, faulty),
        "launch": message_facts.launch(1, DAY, DAY, None),
        "ready": message_facts.ready("R-1", 4812, 2, DAY, DAY, ["1 student, birthdate missing"]),
        "drift": message_facts.drift([Watched("e", "Elm", "http", "R-1", problem="Nothing to compare with."),
                                      Watched("o", "Oak", "http", "R-2", problem="It is gone.", lost=True)], NOON),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_template_that_says_it(kind: str, facts: dict[str, dict[str, object]]) -> None:
    """Each shipped template gives a subject of one line and a text signed by the team, without a hole or a gap."""
    subject, text = render(kind, message_template(kind)[0], {**HEAD, **facts[kind]})
    assert subject and "\n" not in subject
    assert "Our team" in text.splitlines()[-1]
    assert "\n\n\n" not in text and "{" not in text
    assert "SELweb" not in subject + text
    assert all(line == line.rstrip() for line in text.splitlines())


def test_there_is_a_template_for_each_kind_and_no_other() -> None:
    """The folder of shipped templates mirrors the kinds."""
    assert sorted(file.stem for file in (SHIPPED / "messages").iterdir()) == sorted(KINDS)


@pytest.mark.parametrize(
    ("source", "said", "unsaid"),
    [("clever", "let it sync to Clever", "files"), ("clever-csv", "send us the files anew", "sync"),
     ("clever-files", "send us the files anew", "sync"), ("oneroster", "send us the files anew", "sync")],
)  # fmt: skip
def test_errors_ask_for_what_the_district_does(source: str, said: str, unsaid: str) -> None:
    """A district that sends files is asked for new files; only one that syncs is asked to let it sync."""
    roster = district(changed={"u1": {"birthdate_raw": ""}}, source=source)
    told = message_facts.errors(run_preflight(roster, HOMEROOMS), roster)
    _, text = render("errors", message_template("errors")[0], {**HEAD, **told})
    assert said in text and unsaid not in text


def test_the_launch_of_a_district_that_sends_files_names_no_platform() -> None:
    """It is asked for new files where others are asked about their sync."""
    told = {
        sends: render("launch", message_template("launch")[0],
                      {**HEAD, **message_facts.launch(9, DAY, DAY, None, by_files=sends)})[1]
        for sends in (True, False)
    }  # fmt: skip
    assert "Launch:                Monday, 30 November 2026" in told[True] and "send us new files" in told[True]
    assert "Clever" not in told[True] and "sync" not in told[True]
    assert "Launch in Clever:      Monday, 30 November 2026" in told[False] and "your sync is paused" in told[False]


def test_errors_name_students_by_number_only(facts: dict[str, dict[str, object]], faulty: Roster) -> None:
    """A cause lists student numbers, or the SIS id where there is none; no name and no birthdate stands anywhere."""
    _, text = render("errors", message_template("errors")[0], {**HEAD, **facts["errors"]})
    assert "2 students without a birthdate\n   Please fill in the birthdate" in text
    assert "Student numbers: 1001, sis2\n" in text
    assert "Sections: Homeroom 1 (sis-h1)" in text
    personal = [*faulty.students["first_name"], *faulty.students["last_name"], *faulty.students["birthdate"]]
    assert not [word for word in personal if word and word in text]


def test_errors_tell_what_is_not_the_district_s(faulty: Roster) -> None:
    """Causes of others are counted and not told."""
    several = district(enrolled=[("u1", "h2")], changed={"u3": {"birthdate_raw": ""}})
    told = message_facts.errors(run_preflight(several, HOMEROOMS), several)
    assert (len(told["blockers"]), told["other"]) == (1, 1)


def test_a_long_list_is_cut_and_says_so(faulty: Roster, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cause of very many students names some and says how many more there are."""
    monkeypatch.setattr(message_facts, "MOST_NAMED", 1)
    told = message_facts.errors(run_preflight(faulty, HOMEROOMS), faulty)
    _, text = render("errors", message_template("errors")[0], {**HEAD, **told})
    assert "Student numbers: 1001 and 1 more\n" in text


def test_the_district_is_asked_for_each_of_its_own_causes() -> None:
    """Each check the district owns has its own request, and no request is for a check that does not exist."""
    assert set(ASKS) <= set(CHECKS)
    mute = {"repeated-enrollment", "conflicting-record", "absent-table", "pages-missing", "pull-straddled-sync"}
    assert {code for code, check in CHECKS.items() if check.owner == "district"} - set(ASKS) <= mute


def test_the_ones_who_need_a_person_come_first(facts: dict[str, dict[str, object]]) -> None:
    """The digest begins with the districts somebody must look at."""
    subject, text = render("drift", message_template("drift")[0], {**HEAD, **facts["drift"]})
    assert subject == "Rosters: 1 district needs a person"
    assert text.index("Oak") < text.index("Elm") and "It is gone." in text
    districts = facts["drift"]["districts"]
    assert [one["name"] for one in districts] == ["Oak", "Elm"] and districts[0]["needs_person"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Hello\n\ntext", 'must begin with a line like "Subject: ..."'),
        ("Subject: x\n\n{{ distrct }}", 'ready.txt names "distrct"; this message knows'),
        ("Subject: {{ nobody }}\n", 'names "nobody"'),
        ("Subject: x\n\nline\n{% if %}", "ready.txt, line 4"),
        ("Subject: x\n\n{{ district.nothing }}", "nothing"),
        ("Subject: x\n\n{{ district.__class__.__mro__ }}", "cannot be filled in"),
        ("Subject: x\n\n{{ follow.append('x') }}", "cannot be filled in"),
        ("Subject: x\n\n{{ 1 / 0 }}", "cannot be filled in"),
        ("Subject: x\n\n{% include '/etc/passwd' %}", "cannot be filled in"),
    ],
)
def test_a_template_that_cannot_be_filled_in_says_where(source: str, words: str) -> None:
    """One error names the template and the variable; neither a gap nor Python's insides reach a letter."""
    facts = {**HEAD, **message_facts.ready("R-1", 1, 1, None, None, [])}
    with pytest.raises(InputError, match="ready.txt") as caught:
        render("ready", source, facts)
    assert words in str(caught.value)


def test_a_reworded_template_wins(tmp_path: Path) -> None:
    """What the team has reworded is taken from its folder, the rest as shipped; markup in values stays text."""
    (tmp_path / "ready.txt").write_text("Subject: Go, {{ district }}\n\n{{ 1 | count('student') }}, {{ opens|day }}\n")
    source, name = message_template("ready", tmp_path)
    facts = {**HEAD, "district": "A & B\nBcc: x", **message_facts.ready("R-1", 1, 1, DAY, None, [])}
    assert render("ready", source, facts, name=name) == (
        "Go, A & B Bcc: x", "1 student, Monday, 30 November 2026\n"
    )  # fmt: skip
    assert message_template("connect", tmp_path) == message_template("connect")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 300_000])
def test_a_file_that_is_no_template_is_one_error(tmp_path: Path, content: bytes) -> None:
    """Neither bytes that are no text nor a huge file is read as a template."""
    (tmp_path / "ready.txt").write_bytes(content)
    with pytest.raises(InputError, match="ready.txt"):
        message_template("ready", tmp_path)


def test_an_unknown_kind_lists_the_kinds() -> None:
    """A kind that is none is answered with those there are."""
    with pytest.raises(InputError, match="expected one of connect, sharing"):
        render("party", "Subject: x", HEAD)


def test_the_documentation_lists_kinds_and_variables() -> None:
    """docs/messages.md has a row for each kind with what its template may name."""
    text = (Path(__file__).resolve().parent.parent / "docs" / "messages.md").read_text(encoding="utf-8")
    for kind in KINDS.values():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{kind.key}` |"))
        assert [f"`{name}`" in row for name in kind.variables] == [True] * len(kind.variables), kind.key
    assert all(f"`{name}`" in text for name in COMMON)
