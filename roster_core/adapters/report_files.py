"""A district's report as files: HTML that stands alone, and a tagged PDF. Text from data is never read as markup."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Literal

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from roster_core.adapters.templates import report_template
from roster_core.errors import ServiceError
from roster_core.report import Report
from roster_core.report_picture import picture
from roster_core.wording import counted

# Control characters and marks that turn the direction of what follows: no file shows them, and some refuse them.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def report_html(report: Report) -> bytes:
    """The report as one HTML file (UTF-8) that needs nothing else and runs nothing."""
    # The pictures alone are markup; they are drawn here, with their labels escaped.
    pictures = [Markup(picture(bars)) for bars in report.pictures]  # nosec B704
    return _page().render(r=_shown(asdict(report)), pictures=pictures).encode()


def report_pdf(report: Report) -> bytes:
    """The report as a tagged PDF that keeps PDF/UA-1. Costs up to a second.

    Where no font on this computer has a letter of a name, the standard cannot be kept: the file is then tagged all the
    same, and the letter is there to be read aloud and searched for, though not drawn. Raises ServiceError where
    the page cannot be set at all.
    """
    facts = _shown(asdict(report)) | {"svg": [picture(bars) for bars in report.pictures]}
    told = json.dumps(facts)
    import typst

    try:
        return _set(told, "ua-1")
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise _unset(error) from error
    try:
        return _set(told, None)
    except typst.TypstError as error:
        raise _unset(error) from error


def _set(facts: str, standard: Literal["ua-1"] | None) -> bytes:
    import typst

    page = report_template("report.typ").encode()
    made = typst.compile(page, format="pdf", pdf_standards=standard, sys_inputs={"report": facts})
    return bytes(made)


def _unset(error: Exception) -> ServiceError:
    return ServiceError(f"The report cannot be set as PDF: {error}. Take it as HTML, which prints the same.")


def _shown(value: Any) -> Any:
    """The facts without what no file can show."""
    if isinstance(value, str):
        return _UNSHOWN.sub("", value)
    if isinstance(value, dict):
        return {key: _shown(one) for key, one in value.items()}
    return [_shown(one) for one in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=1)
def _page() -> Template:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["count"] = counted
    return made.from_string(report_template("report.html"))
