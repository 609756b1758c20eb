"""Where Streamlit will listen, read from its own configuration without starting it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from roster_core.adapters.addresses import is_loopback
from roster_core.errors import InputError

#: The variable that Streamlit reads before its files.
VARIABLE = "STREAMLIT_SERVER_ADDRESS"


def server_address(environ: Mapping[str, str], *, folder: Path, home: Path) -> str:
    """The address of `server.address`; '' where none is set, which to Streamlit is every network of this computer.

    The environment counts first, then `.streamlit/config.toml` in the app's folder, then in the home folder.
    Raises InputError for a file that cannot be read.
    """
    if environ.get(VARIABLE, "").strip():
        return environ[VARIABLE].strip()
    return next(filter(None, _written(folder, home)), "")


def is_only_here(address: str) -> bool:
    """Whether a server at that address can be reached from this computer alone."""
    return bool(address) and is_loopback(address.strip("[]"))


def _written(*folders: Path) -> Iterator[str]:
    for folder in folders:
        file = folder / ".streamlit" / "config.toml"
        try:
            server = tomllib.loads(file.read_text(encoding="utf-8")).get("server", {})
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"{file} cannot be read: {error}. Mend it, or take the one the app came with.") from error
        yield str(server.get("address", "")) if isinstance(server, Mapping) else ""
