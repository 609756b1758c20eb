"""The report's page in a browser: no violation, nothing loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from roster_core.adapters.report_files import report_html
from tests.adapters.test_report_files import EVIL, reported
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser


def test_the_report_has_no_violation(page: Page, tmp_path: Path) -> None:
    """With names and awkward words, wide and narrow, axe finds nothing, and no request leaves the page."""
    file = tmp_path / "report.html"
    file.write_bytes(report_html(reported(EVIL)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert violations(page) == []
    page.set_viewport_size({"width": 380, "height": 800})
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert asked == [file.as_uri()]
