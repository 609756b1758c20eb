"""The command that looks before the app is served: whether its settings are right, and whom it would let in."""

from __future__ import annotations

import os
from pathlib import Path

import click

from roster_core.commands.speech import json_option, say
from roster_core.commands.wiring import settings
from roster_core.errors import Problem, SettingsError
from roster_core.settings import Settings


@click.command("check-start")
@json_option
def check_start(as_json: bool) -> None:
    """Whether the app may be served as it is configured: to this computer only, or to people who sign in."""
    from roster_core.adapters.server_address import is_only_here, server_address

    chosen = settings()
    address = server_address(os.environ, folder=Path.cwd(), home=Path.home())
    problems = _problems(chosen, only_here=is_only_here(address), address=address)
    if problems:
        raise SettingsError(problems)
    served = "to people who sign in" if chosen.sign_in else "to this computer only"
    say([f"The app may be served, {served}."], {"address": address, "sign_in": chosen.sign_in}, as_json)


def _problems(chosen: Settings, *, only_here: bool, address: str) -> list[Problem]:
    if chosen.sign_in and not chosen.people:
        return [Problem("ROSTER_ADMINS", "nobody could come in: [auth] is there, but no person is named.")]
    if chosen.people and not chosen.sign_in:
        return [Problem("[auth]", "is missing in .streamlit/secrets.toml, but people are named; see docs/sign-in.md.")]
    if not chosen.sign_in and not only_here:
        place = f"is {address}" if address else "is not set, which means every network"
        rest = 'set it to "127.0.0.1" in .streamlit/config.toml, or set up sign-in (docs/sign-in.md).'
        return [Problem("server.address", f"{place}, but nobody signs in; {rest}")]
    return []
