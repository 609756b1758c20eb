"""What was held, who saw it, who approved and when it was deleted: from the log alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from roster_core.activity import ActivityEntry
from roster_core.custody import custody, to_html

START = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def log(*told: tuple[str, dict[str, object]], district_id: str = "d1") -> list[ActivityEntry]:
    """Entries an hour apart, newest first as the store lists them."""
    entries = [
        ActivityEntry(number, START + timedelta(hours=number), f"person {number}", district_id, action, detail)
        for number, (action, detail) in enumerate(told)
    ]
    return entries[::-1]


def hour(number: int) -> datetime:
    """When the entry of that number was written."""
    return START + timedelta(hours=number)


def test_rosters_are_held_until_they_are_deleted() -> None:
    """The same data loaded again is one roster; a purge ends those it names, a deletion all the others."""
    entries = log(
        ("load-roster", {"fingerprint": "aa", "source": "clever", "students": 9}),
        ("load-roster", {"fingerprint": "aa", "source": "clever", "students": 9}),
        ("pull", {"fingerprint": "bb", "students": 10, "withheld": 2}),
        ("commit", {"receipt_id": "R-1", "students": 8}),
        ("reduce-roster", {"fingerprint": "bb", "students": 3}),
        ("purge-district", {"before": "2026-01-01", "fingerprints": ["aa"], "receipt_ids": ["R-1"]}),
        ("load-roster", {"fingerprint": "aa", "source": "clever", "students": 9}),
        ("delete-district", {}),
    )
    found = custody([*entries, *log(("load-roster", {"fingerprint": "zz"}), district_id="d2")], "d1")
    told = [(each.what, each.name, each.students, each.withheld, each.since, each.until) for each in found.held]
    assert told == [
        ("loaded", "aa", 9, 0, hour(0), hour(5)),
        ("loaded", "bb", 10, 5, hour(2), hour(7)),
        ("committed", "R-1", 8, 0, hour(3), hour(5)),
        ("loaded", "aa", 9, 0, hour(6), hour(7)),
    ]
    assert found.held[0].last == hour(1) and all(each.until for each in found.held)
    assert [each.at for each in found.deleted] == [hour(4), hour(5), hour(7)]


def test_who_saw_names_and_who_approved_is_told() -> None:
    """Views and files, and checks, approvals and commits, each with the person; rules and steps are not in it."""
    entries = log(
        ("reveal-names", {}),
        ("download-rows", {"receipt": "R-1", "rows": 8, "as": "csv"}),
        ("save-rule-set", {"version": 1}),
        ("approve", {"digest": "d"}),
        ("restore", {"receipt_id": "R-2", "students": 8}),
    )
    found = custody(entries, "d1")
    assert [each.by for each in found.seen] == ["person 0", "person 1"]
    assert [each.by for each in found.approved] == ["person 3", "person 4"]
    assert [each.until for each in found.held] == [None] and found.deleted == ()


def test_the_page_to_give_away_stands_alone_and_escapes() -> None:
    """The page has every part, says what proves it, and nothing of a name acts as HTML."""
    entries = log(("load-roster", {"fingerprint": "a" * 64, "students": 9}), ("reveal-names", {}))
    page = to_html(custody(entries, "d1"), name="<b>Elm</b>", head="2:ff", intact=True, now=START)
    assert "&lt;b&gt;Elm" in page and "<b>" not in page
    assert "still held" in page and "Showed names and birthdates" in page and "<code>2:ff</code>" in page
    assert "aaaaaaaaaaaa<" in page and "Nothing." in page and "proved whole" in page
    assert "is broken" in to_html(custody([], "d9"), name="", head="0:0", intact=False, now=START)
