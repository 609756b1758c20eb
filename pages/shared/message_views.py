"""Drawing pieces of messages: a proposed one to change, send or download, what stands against it, and what was sent."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import streamlit as st

from pages.shared import job_views, services, state, widgets
from pages.shared.services import messages
from roster_core.errors import RosterError
from roster_core.letter import address_list
from roster_core.messages import KINDS, DeliveryUnknown, Message
from roster_core.preflight import Cause
from roster_core.ready import Readiness
from roster_core.rules import RuleSet

#: How a message ended, in words.
OUTCOMES = {
    "sent": "sent",
    "refused-recipients": "sent, but not to everybody",
    "failed": "not sent",
    "unknown": "arrival not known",
    "downloaded": "downloaded",
}

#: Where what stands against Ready To Assess is settled.
_PLACES = {
    "commit": ("pages/commit.py", "Go to Commit"),
    "settle": ("pages/commit.py", "Go to Commit"),
    "refresh": ("pages/districts.py", "Refresh in Districts"),
}

_PARTS = ("to", "cc", "subject", "body")


def panel(
    district_id: str,
    kind: str,
    *,
    rules: RuleSet | None = None,
    only: tuple[Cause, ...] | None = None,
    key: str = "",
) -> None:
    """Draws one kind of message to a district: the text as it would be sent, to change, send or download.

    `rules`: those on the screen, else the saved ones. `only`: the causes the message is about. `key` tells several
    panels of one kind on a page apart.
    """
    offered = messages.proposed(district_id, kind, widgets.zone(), rules, only)
    if offered.readiness is not None:
        readiness(offered.readiness)
    if offered.message is None:
        if offered.readiness is None or offered.readiness.ready:
            st.caption(widgets.plain(offered.problem))
    else:
        forbidden = offered.readiness is not None and not offered.readiness.ready
        _letter(district_id, offered.message, f"{district_id}:message:{kind}:{key}", forbidden=forbidden)
    history(district_id, kind)


def readiness(answer: Readiness) -> None:
    """Draws what stands against Ready To Assess, each with its next step; what to know first, and who follows."""
    if answer.ready:
        st.success("Ready: nothing stands against it today.", icon=":material/check_circle:")
    for problem in answer.problems:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/block: **{widgets.plain(problem.message)}**  \n{widgets.plain(problem.next_step)}")
            if place := _PLACES.get(problem.step):
                widgets.link(*place)
    for note in answer.notes:
        st.caption(f":material/info: {widgets.plain(note)}")
    if answer.follow:
        st.markdown("To follow, not in the roster yet:")
        st.markdown("\n".join(f"- {widgets.plain(line)}" for line in answer.follow))


def history(district_id: str, kind: str) -> None:
    """Draws which messages of that kind left, newest first: when, to whom, by whom, and how that ended."""
    for record in messages.sent(district_id, kind)[:3]:
        # As code, or each address would be drawn as a link.
        whom = ", ".join(f"`{address.replace('`', '')}`" for address in record.recipients) or "nobody named"
        ended = OUTCOMES.get(record.outcome, record.outcome)
        st.markdown(f":small[{widgets.clock(record.at)}: {ended}. To {whom}, by {widgets.plain(record.actor)}.]")


def _letter(district_id: str, message: Message, base: str, *, forbidden: bool) -> None:
    # Named by what was proposed: where the facts change, the fields show the new text and not an old one.
    proposal = f"{message.subject}\n{message.body}\n{message.to}{message.cc}"
    base = f"{base}:{sha256(proposal.encode()).hexdigest()[:8]}"
    able = widgets.allowed(messages.role_for(message.kind)) and not forbidden
    with st.container(border=True):
        to, cc = st.columns(2)
        written = {
            "to": to.text_input("To", ", ".join(message.to), key=f"{base}:to", disabled=not able,
                                placeholder="name@district.example, …"),
            "cc": cc.text_input("Copy to", ", ".join(message.cc), key=f"{base}:cc", disabled=not able),
            "subject": st.text_input("Subject", message.subject, key=f"{base}:subject", disabled=not able),
            "body": st.text_area("Text", message.body, key=f"{base}:body", height=320, disabled=not able),
        }  # fmt: skip
        told, problem = _edited(message, written)
        if problem:
            st.error(widgets.plain(problem))
        running = _outcome(district_id, message.kind, base)
        if able and told is not None and not running:
            _actions(district_id, told, base)


def _edited(message: Message, written: dict[str, str | None]) -> tuple[Message | None, str]:
    """The message as a person has changed it; None, and why, where an address is none or the subject is gone."""
    texts = {part: written[part] or "" for part in _PARTS}
    if not texts["subject"].strip():
        return None, "A message needs a subject."
    try:
        to, cc = address_list(texts["to"]), address_list(texts["cc"])
    except RosterError as error:
        return None, str(error)
    return replace(message, subject=texts["subject"], body=texts["body"], to=to, cc=cc), ""


def _actions(district_id: str, told: Message, base: str) -> None:
    number = len({*told.to, *told.cc})
    with st.container(horizontal=True, vertical_alignment="center"):
        if messages.can_send():
            people = "…" if not number else "1 person" if number == 1 else f"{number} people"
            st.button(
                f"Send to {people}", type="primary", icon=":material/send:", key=f"{base}:send", disabled=not number,
                on_click=_send, args=(district_id, told, base, 0),
            )  # fmt: skip
        st.download_button(
            "Download as e-mail", data=messages.letter_file(district_id, told, widgets.zone()), mime="message/rfc822",
            file_name=f"{district_id}-{told.kind}.eml", icon=":material/mail:", key=f"{base}:eml", on_click="ignore",
            help="Opens in a mail program as a message not yet sent.",
        )  # fmt: skip
    if not messages.can_send():
        st.caption("No mail server is set up (SMTP_HOST, SMTP_FROM), so nothing is sent from here.")


def _outcome(district_id: str, kind: str, base: str) -> bool:
    """Draws the running or last sending; gives whether it still runs."""
    name = messages.job_kind(kind)
    job = job_views.latest(name, district_id)
    if job is None:
        return False
    if job.running:
        job_views.running(job, f"Sending: {KINDS[kind].label}", can_cancel=False)
        return True
    if job.state != "done":
        lost = isinstance(job.error, DeliveryUnknown)
        label = "Whether the message arrived is not known" if lost else "The message was not sent"
        job_views.failed(job, label, "What is written here is still as you left it.")
        return False
    tell = st.warning if job.result.before or job.result.outcome != "sent" else st.success
    tell(widgets.plain(job.result.sentence), icon=":material/outgoing_mail:")
    with st.container(horizontal=True):
        st.button("Done", key=f"{base}:done", on_click=services.put_away_job, args=(name, district_id))
        if job.result.before:
            st.button("Send it again", key=f"{base}:again", on_click=_send_again, args=(district_id, base))
    return False


def _send(district_id: str, told: Message, base: str, again: int) -> None:
    # Read anew: what was typed just before the click is not yet in what the page had drawn.
    written = {part: state.widget(f"{base}:{part}", "") for part in _PARTS}
    message, _ = _edited(told, written)
    if message is None:
        return
    name = messages.job_kind(message.kind)
    services.put_away_job(name, district_id)
    state.select(f"{base}:last", (message, again))
    messages.start_sending(district_id, message, widgets.zone(), again)


def _send_again(district_id: str, base: str) -> None:
    last = state.selection(f"{base}:last")
    if last is not None:
        _send(district_id, last[0], base, last[1] + 1)
