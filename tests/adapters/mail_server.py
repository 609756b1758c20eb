"""A real mail server on the loopback that can be told how to behave, with a certificate made for this run."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from roster_core.settings import Mail, Secret

USER, PASSWORD = "sel-team", "correct horse"


@dataclass
class Inbox:
    """What arrived, and how the server behaves: `refuse` maps a recipient to its answer, `answers` a command to one.

    `drop` names the moment the connection ends: `data` before the message is taken, `after` once it was taken.
    """

    refuse: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    drop: str = ""
    envelopes: list[Envelope] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    @property
    def letters(self) -> list[EmailMessage]:
        """The letters that arrived, as a mail program reads them."""
        return [message_from_bytes(envelope.content, policy=policy.default) for envelope in self.envelopes]

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:
        """Takes the sender, or gives the answer it was told to."""
        if told := self.answers.get("MAIL"):
            return told
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:
        """Takes a recipient, or refuses it as it was told to."""
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Takes the letter, or ends the connection instead of an answer."""
        if told := self.answers.get("DATA"):
            return told
        self.envelopes.append(envelope)
        self.secured.append(server.transport.get_extra_info("sslcontext") is not None)
        if self.drop == "after":
            server.transport.abort()
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """Lets in whoever has the one user name and password."""
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        if right:
            self.users.append(data.login.decode())
        return AuthResult(success=right)


class _Server(SMTP):
    """One that can end the connection when a letter is about to be handed over."""

    async def smtp_DATA(self, arg: str) -> None:
        """Ends the connection, or goes on."""
        if self.event_handler.drop == "data":
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            # It warns of a login in clear, which the settings allow on this computer only.
            warnings.simplefilter("ignore")
            return _Server(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        # The system has chosen a free port by now; the first visit must find it.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@dataclass(frozen=True)
class MailServer:
    """A running server: its inbox, the settings that reach it, and whom to trust."""

    inbox: Inbox
    mail: Mail
    trust: ssl.SSLContext


@contextmanager
def mail_server(authority: trustme.CA, *, security: str = "none", login: bool = False) -> Iterator[MailServer]:
    """A server secured like that; with `login` it takes letters only of those who signed in."""
    inbox = Inbox()
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(ours)
    options: dict[str, object] = {"hostname": "127.0.0.1", "port": 0, "server_hostname": "mail.team.example"}
    if security == "starttls":
        options |= {"tls_context": ours, "require_starttls": True}
    if login:
        options |= {"authenticator": inbox.authenticate, "auth_required": True, "auth_require_tls": security != "none"}
        # After a refused PLAIN the two sides wait for each other's next word in LOGIN.
        options["auth_exclude_mechanism"] = ["LOGIN"]
    if security == "tls":
        options |= {"ssl_context": ours, "auth_require_tls": False}
    controller = _Controller(inbox, **options)
    controller.start()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    user = {"user": USER, "password": Secret(PASSWORD)} if login else {}
    sender = "SEL team <sel@team.example>"
    try:
        yield MailServer(inbox, Mail("127.0.0.1", controller.port, sender=sender, security=security, **user), trust)
    finally:
        controller.stop()
