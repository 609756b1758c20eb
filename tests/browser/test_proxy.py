"""The app behind the proxy of deploy/nginx.conf, as a person at a distance meets it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LAUNCH, ROOT, App, assess, free_port, go_to, press, settle, use_suggestion
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, oidc_provider

pytestmark = pytest.mark.browser
NAME = "rosters.example.org"
PAGES = ("Districts", "Launch", "Sections", "Rules", "Students", "Commit", "Activity")


@pytest.fixture
def proxied(serve: Callable[..., App], ports: list[int], tmp_path: Path) -> Iterator[str]:
    """The app behind nginx with the configuration as shipped, but for ports and files; gives the address."""
    if not (shutil.which("nginx") and shutil.which("openssl")):
        message = "nginx or openssl is absent; install them"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    port = free_port()
    address = f"https://{NAME}:{port}"
    with oidc_provider() as provider:
        provider.claims = {"email": "cam@example.org", "email_verified": True}
        secrets = tmp_path / "secrets.toml"
        secrets.write_text(
            f'[auth]\nredirect_uri = "{address}/oauth2callback"\ncookie_secret = "{"s" * 40}"\n'
            f'client_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\n'
            f'server_metadata_url = "{provider.metadata_url}"\n',
            encoding="utf-8",
        )
        serve(
            STREAMLIT_SECRETS_FILES=str(secrets),
            STREAMLIT_SERVER_ALLOWED_HOSTS=NAME,
            STREAMLIT_BROWSER_SERVER_ADDRESS=NAME,
            ROSTER_COMMITTERS="cam@example.org",
        )
        proxy = _start_nginx(tmp_path, port, ports[0])
        yield address
        proxy.terminate()
        proxy.wait(30)


def _start_nginx(folder: Path, port: int, app_port: int) -> subprocess.Popen[bytes]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    made = [*command, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    shipped = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "127.0.0.1:8501": f"127.0.0.1:{app_port}",
        "/etc/nginx/rosters.pem": str(certificate),
        "/etc/nginx/rosters.key": str(key),
        "/var/log/nginx/rosters.log": str(folder / "access.log"),
    }.items():
        assert old in shipped, old
        shipped = shipped.replace(old, new)
    whole = folder / "nginx.conf"
    head = f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\n"
    types = "include /etc/nginx/mime.types;\n"
    whole.write_text(f"{head}http {{ {types} {shipped} }}\n", encoding="utf-8")
    nginx = ["nginx", "-p", str(folder), "-c", str(whole)]
    checked = subprocess.run([*nginx, "-t"], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    proxy = subprocess.Popen(nginx)
    for _ in range(200):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return proxy
        time.sleep(0.05)
    pytest.fail("nginx does not listen")


@pytest.fixture
def distant(browser: Browser) -> Iterator[Page]:
    """A tab of a browser that finds the proxy under its name, and nothing else but this computer."""
    rules = f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    kept = [option for option in LAUNCH if not option.startswith("--host-resolver-rules")]
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    other = browser.browser_type.launch(executable_path=path, args=[*kept, rules])
    context = other.new_context(ignore_https_errors=True, viewport={"width": 1360, "height": 900})
    yield context.new_page()
    other.close()


def test_every_page_works_behind_the_proxy(proxied: str, distant: Page) -> None:
    """Sign-in, websocket, each page and a rule's new number, with the policy of contents on and not one complaint."""
    said: list[str] = []
    distant.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    sockets: list[str] = []
    distant.on("websocket", lambda socket: sockets.append(socket.url))
    answer = distant.goto(proxied)
    assert answer is not None and "default-src 'self'" in answer.headers["content-security-policy"]
    press(distant.get_by_role("button", name="Sign in"))
    expect(distant.get_by_text("Sample data: no real child is in it.").first).to_be_visible(timeout=60_000)
    settle(distant)
    assess(distant)
    for name in PAGES:
        go_to(distant, name)
    go_to(distant, "Rules")
    use_suggestion(distant)
    # Its bars are drawn by the chart library, which the policy must let work.
    go_to(distant, "Students")
    expect(distant.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    assert sockets and all(address.startswith(f"wss://{NAME}") for address in sockets)
    assert said == []


def test_the_proxy_keeps_out_what_is_none_of_ours(proxied: str) -> None:
    """Metrics are not there, a body over the limit is refused unread, and another name gets no handshake."""
    port = int(proxied.rsplit(":", 1)[1])
    assert _status(port, "GET /_stcore/health") == 200
    assert _status(port, "GET /_stcore/metrics") == 404
    assert _status(port, "PUT /_stcore/upload_file/a/b", f"Content-Length: {211 * 1024**2}") == 413
    with pytest.raises(ssl.SSLError):
        _status(port, "GET /", name="other.example.org")


def _status(port: int, asked: str, *headers: str, name: str = NAME) -> int:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        trusting.wrap_socket(plain, server_hostname=name) as secure,
    ):
        secure.sendall("\r\n".join([f"{asked} HTTP/1.1", f"Host: {name}", *headers, "", ""]).encode())
        return int(secure.recv(4096).split(b" ")[1])
