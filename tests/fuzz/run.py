"""Fuzzes the targets by coverage, for as long as one likes: `make fuzz`, or `python -m tests.fuzz.run TARGET SECONDS`
(`all` for each).

Needs atheris (`pip install atheris`, Linux). A finding is kept in `.fuzz/TARGET/` and printed with its traceback.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".fuzz"


def main(arguments: list[str]) -> int:
    """Runs one target for so many seconds, or each for 60; gives the number of targets with a finding."""
    from tests.fuzz.targets import TARGETS

    chosen = arguments[:1] if arguments and arguments[0] != "all" else list(TARGETS)
    seconds = arguments[1] if len(arguments) > 1 else "60"
    return sum(_watch(name, seconds) for name in chosen)


def _watch(name: str, seconds: str) -> int:
    """Runs a target in a process of its own, which a hang or a crash of the interpreter may end."""
    corpus = FOLDER / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    options = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=3000", "-max_len=4096", "-verbosity=0"]
    command = [sys.executable, "-m", "tests.fuzz.run", "--one", name, *options, "-print_final_stats=1", str(corpus)]
    done = subprocess.run(command, cwd=FOLDER / name, env=_environment(), capture_output=True, text=True, check=False)
    runs = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    print(f"{name}: {runs[-1] if runs else '?'} inputs in {time.monotonic() - began:.0f} s, exit {done.returncode}")
    if done.returncode:
        print(done.stdout[-3_000:])
    return int(done.returncode != 0)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(FOLDER.parent)}


def _one(name: str, options: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["roster_core"]):
        from tests.fuzz import targets
    corpus = Path(options[-1])
    for number, seed in enumerate(targets.seeds(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *options], lambda content: targets.run(name, content) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main(sys.argv[1:]))
