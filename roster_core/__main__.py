"""The command line: `python -m roster_core COMMAND ...`, the same functions as the pages.

Exit codes: 0 done, 1 the answer is no, 2 the input or the settings are wrong, 3 a service failed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import TextIOWrapper

import click

from roster_core.commands import deliver, launching, log, operators, records, review, speech, start, tell, watch
from roster_core.errors import Cancelled, InputError, RosterError, ServiceError


@click.group(no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--as", "operator", default="", metavar="EMAIL", help="Who you are, once people sign in.")
def cli(operator: str) -> None:
    """Review district rosters and commit them.

    DATA is a folder or zip (Clever CSV, OneRoster CSV, Clever API answers), sample:STUDENTS[:SEED],
    clever, or clever:DISTRICT_ID. Every command takes --json.
    """
    operators.named(operator)


for _command in (
    review.inspect,
    records.pull,
    review.coverage,
    review.suggest,
    deliver.preflight,
    deliver.commit,
    records.current,
    records.receipts,
    deliver.restore,
    watch.drift,
    review.share,
    launching.launch,
    log.activity,
    log.delete,
    tell.report,
    tell.message,
    records.purge,
    start.check_start,
):
    cli.add_command(operators.gated(_command))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code; everything that went wrong is said on standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # A student's name that the terminal cannot draw must not stop a command.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        return int(cli.main(given, prog_name="python -m roster_core", standalone_mode=False) or 0)
    except click.ClickException as error:
        hint = f" See {error.ctx.command_path} --help." if isinstance(error, click.UsageError) and error.ctx else ""
        return _told(InputError(error.format_message() + hint), given)
    except RosterError as error:
        return _told(error, given)
    except (KeyboardInterrupt, click.Abort):
        return _told(Cancelled("Stopped. Nothing was changed."), given)
    except BrokenPipeError:
        # The reader (`head`, a closed pager) has seen enough; Python must not complain about it when it ends.
        speech.silence()
        return 0


def _told(error: RosterError, given: Sequence[str]) -> int:
    click.echo(f"Error: {error}", err=True)
    if "--json" in given:
        problems = [{"place": p.place, "message": p.message} for p in getattr(error, "problems", ())]
        try:
            speech.say([], {"error": str(error), "problems": problems}, as_json=True)
        except ServiceError as unheard:
            click.echo(f"Error: {unheard}", err=True)
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
