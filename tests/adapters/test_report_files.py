"""The report as HTML and PDF: what it says, and that no text of a district is ever read as markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typst

from roster_core.adapters.report_files import report_html, report_pdf
from roster_core.coverage import evaluate
from roster_core.preflight import run_preflight
from roster_core.report import Report, ReportReceipt, make_report
from roster_core.roster import District
from tests.builders import HOMEROOMS, district

NOW = datetime(2026, 11, 30, 8, 10, tzinfo=UTC)
EVIL = '</title></script><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{% x %} #panic("x") $x$ *b* "q" &'


class Elements(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Notes text."""
        self.text += data


def reported(word: str = "Last", named: bool = True) -> Report:
    """A report in which a student, a school, a section and the district carry that word."""
    roster = district(
        changed={
            "u1": {"first_name": word, "birthdate_raw": ""},
            "h1": {"section_name": f"Homeroom {word}"},
            "A": {"school_name": word},
        },
        enrolled=[("u5", "h1")],
        about=District(id="d1", name=f"Springfield {word}"),
    )
    coverage = evaluate(roster, HOMEROOMS)
    report = run_preflight(roster, HOMEROOMS, coverage=coverage)
    return make_report(coverage, report, made_at=NOW, product="Screener", names=named)


def test_the_page_stands_alone_and_says_it() -> None:
    """It loads nothing, runs nothing, is in a language, and has one heading of the first level and a title."""
    page = Elements(report_html(reported()))
    assert page.tags.count("h1") == 1 and page.tags.count("main") == 1 and ("lang", "en") in page.attributes
    assert not {"script", "img", "link", "iframe", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name in ("src", "href") or name.startswith("on")]
    assert ("scope", "row") in page.attributes and ("scope", "col") in page.attributes
    text = " ".join(page.text.split())
    for words in ("7 of 8 students are in exactly one section (87.5 %)", "Screener roster report", "By school",
                  "Preflight: not ready", "1 student without a birthdate"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("word", [EVIL, "\x00\x07\u202eend", "O'Neil & Søn"])
def test_no_text_becomes_markup(word: str) -> None:
    """The page has the same elements whatever its words are, and shows them as they were written."""
    page, plain = Elements(report_html(reported(word))), Elements(report_html(reported()))
    assert page.tags == plain.tags
    shown = re.sub("[\x00-\x1f\u202e]", "", word)
    assert f"Springfield {shown}: roster report" in page.text
    assert report_pdf(reported(word)).startswith(b"%PDF-")


def test_the_pdf_keeps_the_standard_for_accessible_ones() -> None:
    """It says that it is PDF/UA-1 and tagged, in a language, with a title."""
    made = report_pdf(reported(EVIL))
    assert b"/MarkInfo" in made and b"/StructTreeRoot" in made and b"/Lang" in made and b"pdfuaid:part" in made


def test_an_ordinary_district_is_one_page() -> None:
    """Twelve schools, nine grades, a receipt, a finding and some who follow fit one sheet."""
    report = reported(named=False)
    school = report.pictures[1].rows[0]
    schools = tuple(replace(school, label=f"School of the Long Name {n}") for n in range(12))
    grades = tuple(replace(school, label=str(n)) for n in range(9))
    pictures = tuple(replace(one, rows=rows) for one, rows in zip(report.pictures, (grades, schools), strict=True))
    receipt = ReportReceipt("R-0123456789ab", report.made_at, "ana@team.example", "recorded here", 4772, True)
    follow = ("3 students, birthdate missing, owner: district, by Friday, 4 December 2026",)
    some = replace(report, pictures=pictures, receipt=receipt, follow=follow, blockers=report.blockers[:1], warnings=())
    made = report_pdf(some)
    assert re.search(rb"/Type/Pages/Count 1\b", made)


def test_a_letter_no_font_has_does_not_stop_the_page() -> None:
    """The file is made and tagged all the same."""
    made = report_pdf(reported("\U000f1234名前"))
    assert b"/StructTreeRoot" in made


def test_names_are_told_apart() -> None:
    """Both kinds of report say whether they name students."""
    assert "This report names students." in report_html(reported()).decode()
    assert "This report names no student." in report_html(reported(named=False)).decode()


def test_the_page_s_markup_has_no_way_to_read_the_facts() -> None:
    """The PDF's template takes the facts as JSON alone: what would be a command in them is text."""
    source = (Path(__file__).parents[2] / "roster_core/templates/report/report.typ").read_text(encoding="utf-8")
    assert "eval(" not in source
    facts = json.dumps({"word": '#panic("x")'})
    assert typst.compile(b"#json(bytes(sys.inputs.report)).word", format="svg", sys_inputs={"report": facts})
