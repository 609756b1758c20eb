"""Secrets with real servers: on no disk after a pull, to no server that cannot prove itself, to no other host."""

from __future__ import annotations

import datetime as dates
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from roster_core.adapters.http import Bearer, Gateway
from roster_core.adapters.refreshing import refresh
from roster_core.adapters.store import open_store
from roster_core.errors import ServiceError
from roster_core.settings import Secret
from tests.adapters.awkward_clever import AwkwardClever, FakeClock, Handler, status
from tests.adapters.clever_district import OAK, a_client, a_district
from tests.databases import put_migrated

MOVED = (301, 302, 303, 307, 308)


@pytest.fixture
def server() -> Iterator[AwkwardClever]:
    """A server with one district."""
    with AwkwardClever({OAK: a_district("Oak")}) as running:
        yield running


def test_no_token_is_on_the_disk_after_a_pull(server: AwkwardClever, tmp_path: Path) -> None:
    """Neither the district's token nor the app's secret is in the database, its log, or anything else written."""
    store = open_store(put_migrated(tmp_path / "data" / "roster.sqlite3"))
    refresh(a_client(server, FakeClock()), store, "oak-district", actor="ada@example.org", began=0)
    # While it is open the write-ahead log is there too.
    for _ in range(2):
        written = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
        assert any(b"oak-district" in content for content in written.values())
        for secret in (OAK, server.client_secret):
            assert not [file.name for file, content in written.items() if secret.encode() in content]
        store.close()


@pytest.mark.parametrize("code", MOVED)
@pytest.mark.parametrize("other", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_a_redirect_never_carries_the_token_elsewhere(server: AwkwardClever, code: int, other: str) -> None:
    """Another port, another name of the same computer, another address: none is asked, by no kind of redirect."""
    with AwkwardClever({}) as elsewhere:
        target = elsewhere.url.replace("127.0.0.1", other)
        server.faults[""] = [status(code, Location=f"{target}/v3.0/schools")]
        gateway = Gateway(server.url, name="Clever", sign=Bearer(Secret(OAK)))
        with pytest.raises(ServiceError, match="no token is sent"):
            gateway.request("GET", "/v3.0/schools")
        assert elsewhere.asked == []


def test_a_server_that_cannot_prove_itself_is_told_nothing(tmp_path: Path) -> None:
    """A certificate that nobody vouches for ends the conversation before the token is sent."""
    with AwkwardClever({OAK: a_district("Oak")}) as running:
        https = running._server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(tmp_path / "own.pem"))
        secured = type(https)(("127.0.0.1", 0), type("Bound", (Handler,), {"clever": running}))
        secured.socket = context.wrap_socket(secured.socket, server_side=True, do_handshake_on_connect=False)
        secured.handle_error = lambda *_: None
        Thread(target=secured.serve_forever, args=(0.01,), daemon=True).start()
        gateway = Gateway(f"https://127.0.0.1:{secured.server_port}", name="Clever", sign=Bearer(Secret(OAK)))
        with pytest.raises(ServiceError, match="cannot be asked") as caught:
            gateway.request("GET", "/v3.0/schools")
        secured.shutdown()
        secured.server_close()
        assert OAK not in str(caught.value) and running.asked == []


def certificate(file: Path) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, good for a day."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dates.datetime.now(dates.UTC)
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    alternative = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dates.timedelta(minutes=5))
        .not_valid_after(now + dates.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
