"""A district's report as a file, and what the product said of its students."""

from __future__ import annotations

from collections.abc import Callable

from pages.shared.access import actor, require_access
from pages.shared.services.delivery import receipt_in_force
from pages.shared.services.server import now, roster, settings, store
from roster_core.adapters.report_files import report_html, report_pdf
from roster_core.adapters.said_csv import read_said
from roster_core.adapters.store.told_findings import BroughtIn
from roster_core.coverage import Coverage
from roster_core.findings import Finding
from roster_core.preflight import PreflightReport
from roster_core.report import make_report
from roster_core.said import findings_of

_FILES = {"html": report_html, "pdf": report_pdf}


def report_file(
    coverage: Coverage, report: PreflightReport, ending: str, *, district: str, version: int, names: bool
) -> Callable[[], bytes]:
    """What makes the district's report, as `html` or `pdf`; names are a committer's.

    It is called when the file is asked for, in a thread without a session, so the right to it is checked now.
    """
    require_access()
    if names:
        require_access("committer")
    chosen, receipt = settings(), receipt_in_force(coverage.roster.district.id)

    def made() -> bytes:
        told = make_report(
            coverage, report, made_at=now(), district=district, product=chosen.product_name, receipt=receipt,
            rules_version=version, names=names,
        )  # fmt: skip
        return _FILES[ending](told)

    return made


def bring_in(district_id: str, content: bytes, file: str) -> tuple[Finding, ...]:
    """Keeps the product's own list of errors as findings of a district, without names; gives them.

    Raises InputError for a file that is no such list, and where no roster is loaded.
    """
    require_access("reviewer")
    newest = roster(district_id)
    found = findings_of(newest, read_said(content, file)) if newest is not None else ()
    store().told.replace(district_id, found, actor=actor(), now=now())
    return found


def told(district_id: str) -> BroughtIn | None:
    """What the product said of the district's students when it was last brought in; None where it was not."""
    require_access()
    return store().told.get(district_id)


def forget_told(district_id: str) -> None:
    """Forgets what the product said."""
    require_access("reviewer")
    store().told.replace(district_id, (), actor=actor(), now=now())
