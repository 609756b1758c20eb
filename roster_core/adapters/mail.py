"""Sending a letter through a mail server: once, over a secured connection, with one clear word about how it ended."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from roster_core.errors import InputError, ServiceError
from roster_core.letter import mailbox, mailboxes
from roster_core.messages import DeliveryUnknown
from roster_core.settings import Mail

#: Seconds to wait for the server, for each answer.
PATIENCE = 30.0


def send(letter: EmailMessage, recipients: Sequence[str], mail: Mail, *, patience: float = PATIENCE,
         trust: ssl.SSLContext | None = None) -> tuple[str, ...]:  # fmt: skip
    """Hands the letter to the mail server for these recipients; gives those it refused, each with its reason.

    The others have been accepted. `trust`: whose certificates count, the computer's own where it is None. Raises
    InputError without a server or recipient, ServiceError where nothing was sent (no password is repeated), and
    DeliveryUnknown where nobody can tell.
    """
    if not mail.configured:
        raise InputError("No mail server is set up. Set SMTP_HOST and SMTP_FROM, or download the message.")
    boxes = mailboxes(recipients)
    if not boxes:
        raise InputError("The message has no recipient. Add at least one address.")
    with _failures_told(mail), _connected(mail, patience, trust or ssl.create_default_context()) as server:
        _expect(server.mail(mailbox(mail.sender)), "the sender", mail)
        answers = [(box, *server.rcpt(box)) for box in boxes]
        refused = tuple(f"{box} ({_reason(said)})" for box, code, said in answers if code not in (250, 251))
        if len(refused) == len(boxes):
            later = " Try again later." if all(400 <= code < 500 for _, code, _ in answers) else " Check the addresses."
            raise ServiceError(f"The mail server refused every recipient: {'; '.join(refused)}.{later} {_UNSENT}")
        code, said = server.docmd("DATA")
        if code != 354:
            _expect((code, said), "the message", mail)
        _hand_over(server, letter.as_bytes(), mail)
        return refused


_UNSENT = "Nothing was sent."


def _hand_over(server: smtplib.SMTP, content: bytes, mail: Mail) -> None:
    """The letter itself. From its first byte until the answer, a failure says nothing about whether it arrives."""
    try:
        server.send(re.sub(rb"(?m)^\.", b"..", content.removesuffix(b"\r\n")) + b"\r\n.\r\n")
        code, said = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryUnknown(
            f"The connection to {mail.host} was lost while the message was handed over ({_cause(error)}). It may have "
            "arrived: ask a recipient before you send it again."
        ) from None
    _expect((code, said), "the message", mail)


@contextmanager
def _connected(mail: Mail, patience: float, trust: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """The server, secured and signed in to; it is left in order, or dropped after a failure."""
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=patience, context=trust)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=patience)
    try:
        if mail.security == "starttls":
            server.starttls(context=trust)
        if mail.user:
            _sign_in(server, mail)
        server.ehlo_or_helo_if_needed()
        yield server
        # Whatever goes wrong with a good-bye, the letter is with the server.
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _sign_in(server: smtplib.SMTP, mail: Mail) -> None:
    try:
        server.login(mail.user, mail.password.reveal())
    except smtplib.SMTPServerDisconnected:
        # Some servers answer a wrong password by hanging up.
        raise smtplib.SMTPAuthenticationError(421, b"") from None


@contextmanager
def _failures_told(mail: Mail) -> Iterator[None]:
    """Every failure of the mail server as one ServiceError; not chained, since a driver's words may hold a password."""
    where = f"The mail server {mail.host}:{mail.port}"
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        told = f"did not accept the user name and password ({error.smtp_code}). Check SMTP_USER and SMTP_PASSWORD."
        raise ServiceError(f"{where} {told} {_UNSENT}") from None
    except smtplib.SMTPNotSupportedError:
        told = "offers no such secured connection or login. Check SMTP_SECURITY, SMTP_PORT and SMTP_USER."
        raise ServiceError(f"{where} {told} {_UNSENT}") from None
    except ssl.SSLCertVerificationError as error:
        told = f"has a certificate that cannot be trusted ({error.verify_message}). Check SMTP_HOST."
        raise ServiceError(f"{where} {told} {_UNSENT}") from None
    except ssl.SSLError:
        told = "could not agree on a secured connection. Check SMTP_SECURITY and SMTP_PORT."
        raise ServiceError(f"{where} {told} {_UNSENT}") from None
    except (OSError, smtplib.SMTPException) as error:
        told = f"did not answer as expected ({_cause(error)}). Check SMTP_HOST and SMTP_PORT, then try again."
        raise ServiceError(f"{where} {told} {_UNSENT}") from None


def _expect(answer: tuple[int, bytes], what: str, mail: Mail) -> None:
    code, said = answer
    if 200 <= code < 300:
        return
    step = "Try again in some minutes." if 400 <= code < 500 else "Ask whoever runs the mail server."
    raise ServiceError(f"The mail server {mail.host} refused {what}: {_reason(said)} ({code}). {step} {_UNSENT}")


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it ended the connection"
    return getattr(error, "strerror", None) or type(error).__name__


def _reason(said: bytes) -> str:
    """A server's words on one short line."""
    text = " ".join(said.decode("utf-8", "replace").split())
    return "".join(sign for sign in text if sign.isprintable())[:160].rstrip(".") or "no reason given"
