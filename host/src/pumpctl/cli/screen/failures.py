"""Every failure as one sentence on stderr and a documented exit code, also of the system and of pumpctl itself."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer

from pumpctl import errors
from pumpctl.cli.screen import console

TRACEBACK = "PUMPCTL_TRACEBACK"  # set it to see where an error in pumpctl itself comes from

# Typer has its own copy of click, or uses click, by version; either shows the errors of the command line itself.
_OF_THE_COMMAND_LINE: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


@contextmanager
def as_exit_codes(as_json: bool = False) -> Iterator[None]:
    """Turn each failure into its sentence and typer.Exit; with `as_json` stdout gets it as an object, too."""
    try:
        yield
    except typer.Exit:
        raise
    except _OF_THE_COMMAND_LINE as error:
        if as_json:
            _put_json("usage", error.format_message(), errors.ExitCode.USAGE)
        raise
    except SystemExit as error:  # rich ends the program with code 1 when the reader of its output has ended
        lost = error.__context__
        raise typer.Exit(_told(lost, as_json)) if isinstance(lost, BrokenPipeError) else error from error
    except KeyboardInterrupt:
        raise typer.Exit(int(errors.ExitCode.INTERRUPTED)) from None
    except typer.Abort:
        _tell("Interrupted at a question; nothing more was done.")
        raise typer.Exit(int(errors.ExitCode.INTERRUPTED)) from None
    except Exception as error:  # Python would show a traceback and return 1, which says that the pump refused
        raise typer.Exit(_told(error, as_json)) from error


def _told(error: Exception, as_json: bool) -> int:
    """Tell the user about an error; return the exit code."""
    if isinstance(error, errors.OutputLost):
        console.drop_output()
        _tell(str(error))
        return int(error.exit_code)
    if isinstance(error, errors.PumpError):
        _tell(str(error))
        if as_json:
            _put_json(_code(error), str(error), error.exit_code, **_refusal(error))
        return int(error.exit_code)
    if isinstance(error, BrokenPipeError):
        return _told(errors.OutputLost(error), as_json)
    if isinstance(error, OSError):
        console.drop_output()  # the help is written by Typer
        _tell(str(errors.SystemFailed("The system reported an error", error)))
        return int(errors.ExitCode.SYSTEM)
    if os.environ.get(TRACEBACK):
        _tell("".join(traceback.format_exception(error)))
    what = f"{type(error).__name__}: {errors.reason(error)}"
    text = f"An error in pumpctl itself ({what}); set {TRACEBACK}=1, try again, and report what is shown."
    _tell(text)
    if as_json:
        _put_json("internal", text, errors.ExitCode.INTERNAL)
    return int(errors.ExitCode.INTERNAL)


def _put_json(code: str, text: str, exit_code: errors.ExitCode, **more: object) -> None:
    """Write an error as one line of JSON to stdout; when that is lost, sentence and exit code must do."""
    with suppress(errors.OutputLost):
        error = {"code": code, "exit_code": int(exit_code), "text": text, **more}
        console.put_json({"ok": False, "error": error})


def _code(error: errors.PumpError) -> str:
    """Return the name of an error's class in small letters: port_busy of PortBusy."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


def _refusal(error: errors.PumpError) -> dict[str, object]:
    if not isinstance(error, errors.Refused):
        return {}
    return {"refusal": {"number": error.refusal, "name": error.name}}


def _tell(text: str) -> None:
    """Write the sentence; when stderr is lost too, the exit code alone must do."""
    with suppress(errors.OutputLost):
        console.say(text)
