"""Before the app is served: only this computer without sign-in, and nobody locked out or let in by half a setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import Run, runner

ROOT = Path(__file__).resolve().parents[1]
AUTH = (
    '[auth]\nredirect_uri = "https://a.example/oauth2callback"\n'
    f'cookie_secret = "{"0123456789abcdef" * 2}"\nclient_id = "a"\nclient_secret = "b"\nserver_metadata_url = "https://id.example"\n'
)
HERE, EVERYWHERE = '[server]\naddress = "127.0.0.1"\n', '[server]\naddress = "0.0.0.0"\n'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in a folder with an empty .streamlit, and an empty home."""
    (tmp_path / ".streamlit").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("STREAMLIT_SERVER_ADDRESS", raising=False)
    return runner(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("config", "secrets", "environ", "problem"),
    [
        (HERE, "", {}, ""),
        ('[server]\naddress = "localhost"\n', "", {}, ""),
        ('[server]\naddress = "::1"\n', "", {}, ""),
        (EVERYWHERE, "", {}, "server.address: is 0.0.0.0"),
        ("", "", {}, "server.address: is not set"),
        (HERE, "", {"STREAMLIT_SERVER_ADDRESS": "10.0.0.1"}, "server.address: is 10.0.0.1"),
        (EVERYWHERE, "", {"STREAMLIT_SERVER_ADDRESS": "127.0.0.1"}, ""),
        (EVERYWHERE, AUTH, {"ROSTER_ADMINS": "ada@example.org"}, ""),
        (HERE, AUTH, {}, "no person is named"),
        (HERE, "", {"ROSTER_ADMINS": "ada@example.org"}, "people are named"),
        (HERE, "", {"ROSTER_RETENTION_DAYS": "never"}, "ROSTER_RETENTION_DAYS"),
        ("[server", "", {}, "config.toml cannot be read"),
    ],
)
def test_what_may_be_served(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    secrets: str,
    environ: dict[str, str],
    problem: str,
) -> None:
    """Nothing but this computer without sign-in; sign-in and people only together; every wrong setting is told."""
    (tmp_path / ".streamlit" / "config.toml").write_text(config, encoding="utf-8")
    (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    said = run("check-start")
    assert (said.code, problem in said.err) == (2 if problem else 0, True)
    assert bool(said.out) is not bool(problem)


def test_the_shipped_configuration_may_be_served(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it comes, the app answers on this computer only, and make looks before it starts it."""
    monkeypatch.chdir(ROOT)
    assert run("check-start", "--json").document["address"] == "127.0.0.1"
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nrun:")[1].split("\n\n")[0]
    assert recipe.index("roster_core check-start") < recipe.index("streamlit run")
