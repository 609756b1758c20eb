"""An app where people sign in: who is on its lists, and a page as one of them sees it."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from streamlit.testing.v1 import AppTest

from roster_core.roles import Role
from tests.pages.conftest import ROOT

#: Somebody of each role, as `people` names them.
SOMEBODY: Mapping[Role, str] = {
    "viewer": "vic@example.org",
    "reviewer": "rae@example.org",
    "committer": "cam@example.org",
    "admin": "ada@example.org",
}


def people(monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    """Names one person of each role in the settings; `more` are settings too."""
    for role, email in SOMEBODY.items():
        monkeypatch.setenv(f"ROSTER_{role.upper()}S", email)
    for name, value in more.items():
        monkeypatch.setenv(name, value)


def page_of(name: str, email: str = "", *, age: float = 60, **claims: object) -> AppTest:
    """A page, not yet run, where sign-in is set up; signed in so many seconds ago if there is an address."""
    page = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    page.secrets["auth"] = {"client_id": "x"}
    page.user = {"is_logged_in": False}
    if email:
        page.user = {"is_logged_in": True, "email": email, "iat": time.time() - age, **claims}
    return page
