"""A message on its way: written down before it is sent, sent once, and written down how that ended."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import roster_core.message_facts as message_facts
from roster_core.adapters.mail import PATIENCE, send
from roster_core.adapters.store import MessageRecord, Store
from roster_core.adapters.templates import message_template
from roster_core.digest import Watched, digest
from roster_core.errors import InputError, RosterError
from roster_core.letter import mailbox, mailboxes, to_letter
from roster_core.messages import DeliveryUnknown, Message, Posted, render
from roster_core.settings import Mail, Settings
from roster_core.wording import counted, stamp


def post(
    message: Message,
    *,
    store: Store,
    mail: Mail,
    district_id: str,
    actor: str,
    now: datetime,
    again: int = 0,
    patience: float = PATIENCE,
    trust: ssl.SSLContext | None = None,
) -> Posted:
    """Sends a message once and records it: the same one asked for again is answered with what is known of it.

    `again` is how often a person has asked for the very same message to be sent anew. Raises as `mail.send` does,
    after the outcome was recorded.
    """
    recipients = mailboxes((*message.to, *message.cc))
    claimed = _record(message, mail.sender, recipients, district_id, actor, now, again)
    letter = to_letter(message, now, claimed.message_id)
    known = store.messages.claim(claimed)
    if known is not None:
        return Posted(known.outcome, _known(known), before=True)
    try:
        refused = send(letter, recipients, mail, patience=patience, trust=trust)
    except RosterError as error:
        outcome = "unknown" if isinstance(error, DeliveryUnknown) else "failed"
        store.messages.ended(claimed.message_id, outcome, now=now)
        raise
    store.messages.ended(claimed.message_id, "refused-recipients" if refused else "sent", now=now)
    taken = len(recipients) - len(refused)
    told = f"Sent to {counted(taken, 'recipient')}."
    if not refused:
        return Posted("sent", told)
    return Posted("refused-recipients", f"{told} Refused: {'; '.join(refused)}. Correct the address and send it there.")


def post_digest(
    watched: Sequence[Watched],
    to: tuple[str, ...],
    *,
    store: Store,
    chosen: Settings,
    actor: str,
    now: datetime,
    always: bool = False,
) -> Posted:
    """Sends what a watch found to our own people; nothing where nobody is needed, unless `always`.

    Raises as `post` does.
    """
    if not (always or digest(watched, now=now).needs_person):
        return Posted("not-needed", "Nothing needs a person, so no message was sent.")
    template = message_template("drift", chosen.messages.templates_dir)
    head = message_facts.head(product=chosen.product_name, team=chosen.messages.team, district="")
    subject, body = render("drift", template[0], {**head, **message_facts.drift(watched, now)}, name=template[1])
    message = Message(subject, body, "drift", to, (), chosen.mail.sender, chosen.messages.reply_to)
    return post(message, store=store, mail=chosen.mail, district_id="", actor=actor, now=now)


def record_download(message: Message, *, store: Store, district_id: str, actor: str, now: datetime) -> None:
    """Writes down that a message was taken as a file; the same file on the same day is written down once."""
    recipients = mailboxes((*message.to, *message.cc))
    taken = _record(message, f"file@{now:%Y-%m-%d}.invalid", recipients, district_id, actor, now, 0)
    store.messages.add(replace(taken, outcome="downloaded"))


def _record(
    message: Message, sender: str, recipients: tuple[str, ...], district_id: str, actor: str, now: datetime, again: int
) -> MessageRecord:
    if not sender:
        raise InputError("No mail server is set up. Set SMTP_HOST and SMTP_FROM, or download the message.")
    box = mailbox(sender)
    parts = (district_id, message.kind, box, *recipients, message.subject, message.body, str(again))
    key = hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    digest = hashlib.sha256(message.body.encode("utf-8", "surrogatepass")).hexdigest()
    # The id says which message it is, so that the same one is known again here, and by mail servers on the way.
    message_id = f"<{key[:40]}@{box.partition('@')[2]}>"
    subject = " ".join(message.subject.split())
    return MessageRecord(
        0, district_id, message.kind, now, actor, recipients, subject, "unknown", message_id, digest
    )


def _known(known: MessageRecord) -> str:
    when = stamp(known.at)
    if known.outcome in ("sent", "refused-recipients"):
        return f"This very message was sent on {when}, by {known.actor or 'somebody'}. It was not sent again."
    return (
        f"This very message was handed over on {when} and its arrival is not known. It was not sent again: ask a "
        "recipient first."
    )
