"""Asking a web service: always with a timeout, its token only ever sent to its own host, failures asked again.

urllib3's own Retry is not used: it knows neither X-RateLimit-Reset nor a body that is cut while it is read.
"""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from math import ceil
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

import requests
from requests import exceptions as broken
from requests.auth import AuthBase

from roster_core.adapters.addresses import address_problem, is_loopback
from roster_core.adapters.pacing import MAX_WAIT, backoff, limit_wait, next_step
from roster_core.errors import InputError, ServiceError
from roster_core.roster import Progress
from roster_core.settings import Secret

#: Seconds to connect, and seconds between two pieces of an answer.
TIMEOUT = (10.0, 60.0)
#: Seconds a whole answer may take, and bytes it may have; a page of 10,000 of Clever's records has about 12 MB.
MAX_SECONDS = 600.0
MAX_BYTES = 512 * 1024**2
_PIECE = 256 * 1024

# Longest first: ConnectTimeout is both a Timeout and a ConnectionError.
_TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    (broken.Timeout, "no answer came in time"),
    (broken.ChunkedEncodingError, "the answer was cut off"),
    (broken.ContentDecodingError, "the answer could not be unpacked"),
    (broken.ConnectionError, "the connection broke"),
)

_ADVICE = {
    400: "The question was not understood; this is a fault of the app or of an address in the settings.",
    401: "The token was refused. Check it in the settings.",
    403: "The token does not allow this. Check what is shared with this app.",
    404: "There is nothing at this address. Check it in the settings, and what is shared with this app.",
    501: "The service cannot do this. Check its version in the settings.",
}
_MOVED = "It points to another address, to which no token is sent. Check the address in the settings."
_LATER = "Try again later."


@dataclass(frozen=True, slots=True)
class Bearer(AuthBase):
    """Signs a request with a token. Raises InputError for a token with blanks or other odd characters in it."""

    token: Secret

    def __post_init__(self) -> None:
        text = self.token.reveal()
        # Checked here, because the libraries below quote a header they refuse.
        if not text or not (text.isascii() and text.isprintable()) or " " in text:
            raise InputError("A token is empty or holds blanks or odd letters. Copy it into the settings again.")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Adds the header."""
        request.headers["Authorization"] = f"Bearer {self.token.reveal()}"
        return request


@dataclass(frozen=True, slots=True)
class Basic(AuthBase):
    """Signs a request with a name and a secret."""

    name: str
    secret: Secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Adds the header."""
        pair = f"{self.name}:{self.secret.reveal()}".encode()
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return request


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `value` is what `read` made of the body; status 0 and `trouble` where nothing whole came.

    No repr shows body or value: they hold children's data.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    value: Any = field(default=None, repr=False)
    trouble: str = ""


class Gateway:
    """One service at one address. Use it in a `with`, in one thread.

    `name` is what messages call the service, `sign` what signs its requests (`Bearer` or
    `Basic`), `renew` gives a fresh `sign` after a 401, `advice` says what to do about a status.
    `sleep` takes seconds, `clock` gives Unix seconds, `jitter` a number from 0 to 1.
    """

    def __init__(
        self,
        base_url: str,
        *,
        name: str,
        sign: AuthBase,
        renew: Callable[[], AuthBase] | None = None,
        advice: Mapping[int, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Nothing is asked yet. Raises InputError for an address that is neither https nor on the loopback."""
        if problem := address_problem(base_url):
            raise InputError(f"The address of {name} {problem}")
        self._base, self._name, self._sign, self._renew = base_url.rstrip("/"), name, sign, renew
        self._advice = {**_ADVICE, **(advice or {})}
        self._sleep, self._clock, self._jitter = sleep, clock, jitter
        self._session = requests.Session()
        self._session.headers["Accept"] = "application/json"
        # A proxy from the environment would be handed the token of a service on this computer in the clear.
        self._session.trust_env = not is_loopback(urlsplit(base_url).hostname or "")

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._session.close()

    def request(
        self,
        method: Literal["GET", "POST", "PUT", "DELETE"],
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        read: Callable[[bytes], Any] | None = None,
        ok: Collection[int] = (200,),
        retry: bool = True,
        progress: Progress | None = None,
    ) -> Answer:
        """The service's answer, with a status in `ok`.

        `path` begins with "/" and is joined to the service's address; a whole address on the
        same host is taken as it is. `content` is a body as it is, instead of `json`. `read`
        makes `Answer.value` of a 2xx body; where it raises ValueError the body counts as cut
        off. `retry` says that asking twice does no harm: then what a moment may mend (no or half
        an answer, 500, 502, 503, 504) is asked again up to five times. A 429 is waited out and is
        no try; a 401 is asked once more with a renewed sign. `progress` is told of each second of
        waiting and may stop it.

        Raises ServiceError, which names path and status and never body or token; also for an
        address on another host, which is not asked.
        """
        url = self.resolve(path)
        failures, limits, waited, renewable = 0, 0, 0.0, self._renew is not None
        sent = {"json": json, "data": content, "headers": dict(headers or {})}
        while True:
            answer = self._ask(method, url, sent, read)
            step = next_step(answer.status, ok=ok, failures=failures, repeatable=retry, renewable=renewable)
            if step == "take":
                return answer
            if step == "renew" and self._renew is not None:
                renewable, self._sign = False, self._renew()
            elif step == "wait":
                limits += 1
                waited += self._wait_limit(answer, limits, waited, progress)
            elif step == "retry":
                failures += 1
                seconds = backoff(failures, self._jitter())
                self._pause(seconds, f"{self._name} fails ({_words(answer)}), asking again", progress)
            else:
                raise self._refusal(urlsplit(url).path, answer, failures + 1)

    def resolve(self, path: str) -> str:
        """The whole address of a path, or of an address the service gave. Raises ServiceError for another host."""
        own = path.startswith("/") and not path.startswith("//")
        try:
            url = self._base + path if own else urljoin(f"{self._base}/", path)
            origin = _origin(url)
        except ValueError:
            origin = ("", "no address at all", None, None)
        if origin != _origin(self._base):
            raise ServiceError(
                f"{self._name} points to another address ({origin[1]}), to which no token is sent."
                " Check the address in the settings."
            )
        return url

    def _ask(self, method: str, url: str, sent: Mapping[str, Any], read: Callable[[bytes], Any] | None) -> Answer:
        """One request. Whatever a moment may mend comes back as an answer with `trouble`."""
        try:
            with self._session.request(
                method,
                url,
                **sent,
                auth=self._sign,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _body(response)
        except broken.RequestException as error:
            trouble, kind = _trouble(error), type(error).__name__
        else:
            return _read(response, body, read)
        # Not raised inside the handler: what requests raises holds the signed request.
        if not trouble:
            raise ServiceError(
                f"{self._name} cannot be asked for {urlsplit(url).path} ({kind}). Check its address in the settings."
            )
        return Answer(0, trouble=trouble)

    def _wait_limit(self, answer: Answer, limits: int, waited: float, progress: Progress | None) -> float:
        """Waits a 429 out; gives the seconds. Raises ServiceError where it would take too long, `waited` included."""
        seconds = limit_wait(answer.headers, self._clock(), limits)
        if waited + seconds > MAX_WAIT:
            raise ServiceError(
                f"{self._name} takes no more requests for another {seconds / 60:,.0f} minutes (status 429). {_LATER}"
            )
        self._pause(seconds, f"Waiting for {self._name}'s limit", progress)
        return seconds

    def _pause(self, seconds: float, what: str, progress: Progress | None) -> None:
        """Sleeps in pieces of a second, so that a person sees it and can stop it."""
        left = seconds
        while left > 0:
            if progress:
                progress(f"{what}, {ceil(left):,} s", 0, None)
            self._sleep(min(left, 1.0))
            left -= 1.0

    def _refusal(self, path: str, answer: Answer, tries: int) -> ServiceError:
        advice = _MOVED if 300 <= answer.status < 400 else self._advice.get(answer.status, _LATER)
        often = f", {tries} times" if tries > 1 else ""
        return ServiceError(f"{self._name} failed at {path} ({_words(answer)}{often}). {advice}")


def _body(response: requests.Response) -> bytes:
    """The whole body. Raises what requests raises where it is cut off, and ServiceError where it has no end."""
    started, size, pieces = time.monotonic(), 0, []
    for piece in response.iter_content(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            raise ServiceError(f"The answer at {urlsplit(response.url).path} has no end. Check the settings.")
        # The read timeout starts anew with each piece: a trickle would never end.
        if time.monotonic() - started > MAX_SECONDS:
            raise broken.ReadTimeout
    return b"".join(pieces)


def _read(response: requests.Response, body: bytes, read: Callable[[bytes], Any] | None) -> Answer:
    value = None
    if read is not None and 200 <= response.status_code < 300:
        try:
            value = read(body)
        except ValueError:
            return Answer(0, trouble="the answer was cut off or is not what was asked for")
    return Answer(response.status_code, response.headers, body, value)


def _trouble(error: broken.RequestException) -> str:
    """What a moment may mend, in words; the empty text for what stays, as a certificate nobody trusts."""
    if isinstance(error, broken.SSLError) and "CERTIFICATE" in str(error):
        return ""
    return next((words for kind, words in _TROUBLES if isinstance(error, kind)), "")


def _words(answer: Answer) -> str:
    return f"status {answer.status}" if answer.status else answer.trouble


def _origin(url: str) -> tuple[str, str | None, int | None, str | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme), parts.username
