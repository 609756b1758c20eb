"""Who may see a page: sign-in, lists, roles, and how long it counts."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import access
from pages.shared.access import is_from_here, is_loopback_host
from roster_core.adapters.store import Store
from tests.pages.conftest import ROOT, Open, told
from tests.pages.signed_in import SOMEBODY, page_of, people

PAGES = sorted(file.stem for file in (ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize("name", PAGES)
def test_no_page_serves_a_session_that_has_not_signed_in(
    name: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With sign-in set up, every page stops at a button that leads to it and shows no district."""
    people(monkeypatch)
    page = page_of(name).run()
    assert [button.label for button in page.button] == ["Sign in"]
    assert "Sample district" not in told(page)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("email", "claims", "title"),
    [
        ("eve@example.org", {}, "Not on the list"),
        ("ada@example.org", {"email_verified": False}, "Not on the list"),
        ("no address", {}, "Not on the list"),
        ("ada@example.org", {"age": 13 * 3600}, "Sign in again"),
        ("ada@example.org", {"iat": None}, "Sign in again"),
    ],
    ids=["stranger", "unverified", "no address", "long ago", "no moment"],
)
def test_no_page_serves_whom_the_lists_do_not_name_now(
    name: str, email: str, claims: dict[str, object], title: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger, an address that is not verified, and a sign-in of long ago: each page says why, and shows nothing."""
    people(monkeypatch)
    page = page_of(name, email, **claims).run()
    assert [element.value for element in page.title] == [title]
    assert "Sample district" not in told(page) and not page.sidebar.selectbox


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_there_for_a_viewer(name: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody on a list may look, also where the page is the first thing asked for."""
    people(monkeypatch)
    page = page_of(name, SOMEBODY["viewer"]).run()
    assert not page.exception
    assert [element.value for element in page.title] == [name.title()]


def test_a_stranger_is_named_and_may_sign_out(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says which account was used, and offers the way to another."""
    people(monkeypatch)
    page = page_of("rules", "eve@example.org").run()
    assert "eve@example.org" in told(page)
    page.button(key="sign_out_stranger").click().run()
    assert page.user == {"is_logged_in": False}


def test_sign_in_without_people_says_what_to_set(data_dir: Path) -> None:
    """Whoever sets sign-in up first learns that somebody must be named; nobody comes in meanwhile."""
    page = page_of("districts", "ada@example.org").run()
    assert "ROSTER_ADMINS" in told(page) and "Sample district" not in told(page)


def test_lists_in_the_secrets_file_count_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is added comes in with the next click, and whoever is taken out is out."""
    for name in ("ROSTER_ADMINS", "ROSTER_VIEWERS"):
        # Set first: Streamlit writes what the secrets file has into the environment, and that must go again too.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("ROSTER_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    st.cache_resource.clear()
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    for listed, title in (("ada", "Not on the list"), ("vic", "Activity"), ("ada", "Not on the list")):
        secrets.write_text(f'ROSTER_VIEWERS = "{listed}@example.org"\n# {title}\n', encoding="utf-8")
        page = page_of("activity", SOMEBODY["viewer"]).run()
        assert [element.value for element in page.title] == [title]
    st.cache_resource.clear()


def test_people_without_sign_in_are_not_served_as_anybody(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment that names people but lost its secrets file does not fall open."""
    people(monkeypatch)
    page = open_page("districts")
    assert [element.value for element in page.title] == ["Sign-in is not finished"]
    assert "Sample district" not in told(page)


def test_each_provider_has_its_button(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several providers in tables of their own are offered by name."""
    people(monkeypatch)
    page = page_of("districts")
    page.secrets["auth"] = {"cookie_secret": "x", "google": {"client_id": "a"}, "microsoft": {"client_id": "b"}}
    page.run()
    assert [button.label for button in page.button] == ["Sign in with Google", "Sign in with Microsoft"]


def test_a_signed_in_person_is_named_in_what_they_keep(
    data_dir: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The draft names the person by their address."""
    people(monkeypatch)
    page = page_of("sections", "Rae@Example.org").run()
    page.button(key="scope_use_sample").click().run()
    assert store.rule_sets.draft("sample").edited_by == "rae@example.org"


def test_wrong_settings_are_told_before_anything_else(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The frame shows every problem of the settings and no page."""
    monkeypatch.setenv("ROSTER_ADMINS", "nobody")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception
    assert "ROSTER_ADMINS" in told(app) and "Sample district" not in told(app)


def test_wrong_settings_are_told_away_from_here_by_their_names_only(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can be asked to sign in then, so whoever comes by another address sees no value of a setting."""
    monkeypatch.setenv("ROSTER_ADMINS", "ada@example.org, bo at example.org")
    monkeypatch.setattr(access, "is_from_here", lambda address, headers: False)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert "ROSTER_ADMINS" in told(app) and "example.org" not in told(app)


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8501", True),
        ("localhost", True),
        ("[::1]:8501", True),
        ("rosters.example.org", False),
        ("127.0.0.1.example.org", False),
        ("", False),
    ],
)
def test_only_names_of_this_computer_are_its_own(host: str, ours: bool) -> None:
    """A Host header counts as this computer only when it names the loopback itself."""
    assert is_loopback_host(host) is ours


@pytest.mark.parametrize(
    ("address", "headers", "ours"),
    [
        (None, {"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:8501"}, True),
        ("::ffff:127.0.0.1", {"Host": "[::1]:8501", "Origin": "http://[::1]:8501"}, True),
        ("203.0.113.9", {"Host": "127.0.0.1:8501"}, False),
        (None, {"Host": "rosters.example.org"}, False),
        (None, {"Host": "127.0.0.1:8501", "X-Real-Ip": "203.0.113.9"}, False),
        (None, {"Host": "127.0.0.1:8501", "Origin": "https://rosters.example.org"}, False),
        (None, {"Host": "localhost", "Origin": "https://localhost:x@rosters.example.org"}, False),
        (None, {"Host": "localhost", "Origin": "null"}, False),
        (None, {"Host": "localhost", "Origin": "http://[rosters"}, False),
    ],
    ids=["here", "here by IPv6", "away", "other name", "proxy", "silent proxy", "odd origin", "no origin", "broken"],
)
def test_only_a_session_of_this_computer_is_from_here(
    address: str | None, headers: dict[str, str], ours: bool
) -> None:
    """A proxy that says nothing of itself and rewrites the host is known by the name in the browser's Origin."""
    assert is_from_here(address, headers) is ours
