"""Every failure as one sentence on stderr and a documented exit code, also of the system and of pumpctl itself."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer

from pumpctl import errors
from pumpctl.cli.screen import console

TRACEBACK = "PUMPCTL_TRACEBACK"  # set it to see where an error in pumpctl itself comes from

# Typer has its own copy of click, or uses click, by version; either shows the errors of the command line itself.
_PASSED_ON: tuple[type[Exception], ...] = (
    typer.Exit,
    next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"),
)


@contextmanager
def as_exit_codes() -> Iterator[None]:
    """Turn each failure into its sentence and typer.Exit."""
    try:
        yield
    except _PASSED_ON:
        raise
    except SystemExit as error:  # rich ends the program with code 1 when the reader of its output has ended
        lost = error.__context__
        raise typer.Exit(_told(lost)) if isinstance(lost, BrokenPipeError) else error from error
    except KeyboardInterrupt:
        raise typer.Exit(int(errors.ExitCode.INTERRUPTED)) from None
    except typer.Abort:
        _tell("Interrupted at a question; nothing more was done.")
        raise typer.Exit(int(errors.ExitCode.INTERRUPTED)) from None
    except Exception as error:  # Python would show a traceback and return 1, which says that the pump refused
        raise typer.Exit(_told(error)) from error


def _told(error: Exception) -> int:
    """Tell the user about an error; return the exit code."""
    if isinstance(error, errors.PumpError):
        if isinstance(error, errors.OutputLost):
            console.drop_output()
        _tell(str(error))
        return int(error.exit_code)
    if isinstance(error, BrokenPipeError):
        return _told(errors.OutputLost(error))
    if isinstance(error, OSError):
        console.drop_output()  # the help is written by Typer
        _tell(str(errors.SystemFailed("The system reported an error", error)))
        return int(errors.ExitCode.SYSTEM)
    if os.environ.get(TRACEBACK):
        _tell("".join(traceback.format_exception(error)))
    what = f"{type(error).__name__}: {errors.reason(error)}"
    _tell(f"An error in pumpctl itself ({what}); set {TRACEBACK}=1, try again, and report what is shown.")
    return int(errors.ExitCode.INTERNAL)


def _tell(text: str) -> None:
    """Write the sentence; when stderr is lost too, the exit code alone must do."""
    with suppress(errors.OutputLost):
        console.say(text)
