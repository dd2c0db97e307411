"""The command line: the options before the verb; the verbs are in the table of shell/verbs.py."""

from __future__ import annotations

import atexit
import gc
from typing import Annotated

import typer

from pumpctl import __version__, errors
from pumpctl.cli import options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console
from pumpctl.cli.shell import verbs

app = typer.Typer(
    cls=verbs.Table,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Control and test the very-low-flow pump controller. For the bench, with water.",
    epilog=f"Exit codes: {', '.join(f'{int(code)} {text}' for code, text in errors.EXIT_TEXTS.items())}.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from pumpctl import defs

        console.put(f"pumpctl {__version__}, protocol {defs.PROTOCOL}, definitions {defs.DIGEST}")
        raise typer.Exit


@app.callback()
@options.shared_options
def before_the_verb(
    chosen: Options,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show versions and exit.")
    ] = False,
) -> None:
    """Store the options before the verb; options after the verb take precedence."""


def main() -> None:
    """Run the command line."""
    atexit.register(gc.freeze)  # no last search for garbage: the system takes back all memory at once
    console.safe_streams()
    app()
