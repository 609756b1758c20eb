"""Which web addresses a token may be sent to."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def address_problem(url: str) -> str:
    """What keeps a service's address from being used, in words; the empty text where nothing does.

    It must be https, or http on this computer itself (the loopback), with a host and without a
    name, password, query or fragment inside. The words never repeat a password.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a web address; write it like https://host.example.org."
    if parts.scheme not in ("http", "https") or not host or any(blank in url for blank in " \t\r\n"):
        return "is not a web address; write it like https://host.example.org."
    if parts.username is not None or parts.password is not None:
        return "holds a name or a password; leave both out of the address."
    if parts.query or parts.fragment:
        return "holds a ? or a # part; leave it out of the address."
    if parts.scheme == "http" and not is_loopback(host):
        return f"is not secure: http to {host}; use https (http is for this computer only, as http://127.0.0.1)."
    return ""


def is_loopback(host: str) -> bool:
    """Whether a host name is this computer itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
