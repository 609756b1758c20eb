"""Sign-in with a real provider, in the browser: who comes in, as what, until when, and by which address."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import App, press, settle, start_server, stop_server, visit
from tests.browser.test_accessibility import violations
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, oidc_provider

pytestmark = pytest.mark.browser
PEOPLE = {"ROSTER_COMMITTERS": "cam@example.org", "ROSTER_VIEWERS": "@example.org"}


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider on the loopback."""
    with oidc_provider() as running:
        yield running


@pytest.fixture
def signed(provider: Provider, serve: Callable[..., App], ports: list[int], tmp_path: Path) -> App:
    """A fresh server where people sign in with the provider."""
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{ports[0]}/oauth2callback"\ncookie_secret = "{"s" * 40}"\n'
        f'client_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\n'
        f'server_metadata_url = "{provider.metadata_url}"\n',
        encoding="utf-8",
    )
    return serve(STREAMLIT_SECRETS_FILES=str(secrets), **PEOPLE)


def sign_in(page: Page) -> None:
    """Presses the button and comes back from the provider."""
    press(page.get_by_role("button", name="Sign in"))
    page.wait_for_url("**/", timeout=30_000)


def test_a_person_signs_in_works_and_signs_out(signed: App, provider: Provider, page: Page) -> None:
    """The first address a fresh server is asked for is a page inside: nothing of it is shown before, nor afterwards."""
    provider.claims = {"email": "Cam@Example.org", "email_verified": True}
    visit(page, signed, "students")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    assert "Sample district" not in page.content()
    assert violations(page) == []
    sign_in(page)
    expect(page.get_by_text("Sample data: no real child is in it.").first).to_be_visible()
    settle(page)
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text("cam@example.org")).to_be_visible()
    expect(sidebar.get_by_text("committer")).to_be_visible()
    assert violations(page) == []
    press(sidebar.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    assert provider.signed_out == 1
    visit(page, signed, "rules")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_a_stranger_and_a_sign_in_of_yesterday_are_not_let_in(signed: App, provider: Provider, page: Page) -> None:
    """A verified address on no list, and a token that is still good but hours old, each meet a page that says why."""
    provider.claims = {"email": "eve@elsewhere.example", "email_verified": True}
    visit(page, signed, "commit")
    sign_in(page)
    expect(page.get_by_role("heading", name="Not on the list")).to_be_visible()
    press(page.get_by_role("button", name="Sign out"))
    provider.claims, provider.age = {"email": "cam@example.org"}, 13 * 3600
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    sign_in(page)
    expect(page.get_by_role("heading", name="Sign in again")).to_be_visible()
    provider.age = 0
    press(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_text("Sample data: no real child is in it.").first).to_be_visible()


def test_without_sign_in_only_this_computer_is_served(app: App, browser: Browser, tmp_path: Path) -> None:
    """A session that came through a proxy, or by another address of this computer, is stopped with one message."""
    proxied = browser.new_context(extra_http_headers={"X-Forwarded-For": "203.0.113.9"})
    refused(proxied, app.url)
    if (address := other_address()) is not None:
        settings = {"STREAMLIT_SERVER_ADDRESS": address, "STREAMLIT_SERVER_ALLOWED_HOSTS": address}
        outside = start_server(tmp_path / "outside", tmp_path / "outside.log", settings, host=address)
        try:
            refused(browser.new_context(), outside.url)
        finally:
            stop_server(outside)


def refused(context: BrowserContext, url: str) -> None:
    """The page at that address says that it is not open here, and shows nothing else."""
    page = context.new_page()
    page.goto(f"{url}/students")
    expect(page.get_by_role("heading", name="Not open here")).to_be_visible()
    assert "Sample district" not in page.content()
    context.close()


def other_address() -> str | None:
    """An address of this computer that is not the loopback; None where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            # Nothing is sent: this only asks which address would be used.
            asked.connect(("192.0.2.255", 9))
        except OSError:
            return None
        address = str(asked.getsockname()[0])
    return None if address.startswith("127.") else address
