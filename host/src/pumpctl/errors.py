"""What can go wrong, an exception per cause; each has its exit code and says in one sentence what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, ClassVar


class ExitCode(IntEnum):
    """What the command line returns."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NO_DEVICE = 3
    LINK_LOST = 4
    CHECK_FAILED = 5
    NOT_AUTHORISED = 6


class PumpError(Exception):
    """Any failure that a person is told of; `exit_code` is the program's."""

    exit_code: ClassVar[ExitCode] = ExitCode.LINK_LOST


# ---- 1: the pump said no --------------------------------------------------------------------------------------------


class Refused(PumpError):
    """The pump refused a request and changed nothing; `refusal` is its number in the definitions, `name` its name."""

    exit_code = ExitCode.REFUSED

    def __init__(self, text: str, refusal: int, name: str, fields: Mapping[str, Any]) -> None:
        super().__init__(text)
        self.refusal = refusal
        self.name = name
        self.fields = dict(fields)


# ---- 2: what was typed ----------------------------------------------------------------------------------------------


class UsageProblem(PumpError):
    """An argument, an option or a setting makes no sense."""

    exit_code = ExitCode.USAGE


class BadAmount(UsageProblem):
    """A rate, a volume or a time that can't be read or is finer than the pump counts."""


class TooFine(BadAmount):
    """An amount has more decimals than the pump counts."""


class ConfirmationMissing(UsageProblem):
    """A change must be confirmed and there is nobody to ask."""

    def __init__(self) -> None:
        super().__init__("This change must be confirmed, so nothing was changed; say --yes to confirm it unasked.")


class BadConfiguration(UsageProblem):
    """The configuration file can't be read."""


class UnknownWorldAction(UsageProblem):
    """The simulated world does not know the verb or does not take the number."""


class ReportExtraMissing(PumpError):
    """Plots were asked for and the package that draws them isn't installed."""

    exit_code = ExitCode.USAGE


# ---- 3: nobody there ------------------------------------------------------------------------------------------------


class NoPump(PumpError):
    """No port was given and no Pico, or more than one, is plugged in."""

    exit_code = ExitCode.NO_DEVICE


class PortMissing(PumpError):
    """There is no such port."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, port: str, why: str = "") -> None:
        reason = f" ({why})" if why else ""
        super().__init__(f"There is no port {port}{reason}; see `pumpctl ports` for those that there are.")


class PortBusy(PumpError):
    """Another program has the port."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, port: str) -> None:
        super().__init__(f"The port {port} is in use by another program; close that program and try again.")


class PortDenied(PumpError):
    """The user may not open the port."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, port: str) -> None:
        super().__init__(
            f"You may not open the port {port}; join the group that owns it (often dialout) and log in again."
        )


class PortUnfit(PumpError):
    """The port was found but can't be opened as a serial line."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, port: str, why: str) -> None:
        super().__init__(f"The port {port} can't be opened as a serial line ({why}); see `pumpctl ports`.")


class SimulatorMissing(PumpError):
    """The checkout or the interpreter of the simulated pump can't be found."""

    exit_code = ExitCode.NO_DEVICE


class NoVolume(PumpError):
    """No board in BOOTSEL, or several."""

    exit_code = ExitCode.NO_DEVICE


class ReplClosed(PumpError):
    """The board has no REPL to offer: it runs a release image, or something else holds it."""

    exit_code = ExitCode.NO_DEVICE


class MpremoteFailed(PumpError):
    """mpremote is missing or could not do what was asked."""

    exit_code = ExitCode.NO_DEVICE


# ---- 4: the link ----------------------------------------------------------------------------------------------------


class LinkLost(PumpError):
    """The port went away while it was in use."""

    def __init__(self, port: str, why: str = "") -> None:
        reason = f" ({why})" if why else ""
        super().__init__(f"The link to {port} was lost{reason}; check the cable and the pump's power, then try again.")


class NoAnswer(PumpError):
    """The pump did not answer within the time allowed."""


class BadAnswer(PumpError):
    """The pump answered, but not in the form that the definitions give."""


class LinkDamaged(PumpError):
    """The pump could not read what was sent, twice."""


class SimulatorDied(PumpError):
    """The simulated pump ended by itself or stopped answering."""

    def __init__(self, how: str, last_lines: Sequence[str] = ()) -> None:
        words = " / ".join(line.strip() for line in last_lines if line.strip())
        super().__init__(f"The simulated pump {how}; {f'its last words: {words}' if words else 'it said nothing'}.")


class WireError(PumpError):
    """A line that is no frame; `reason` is too_long, bad_line, no_checksum or bad_checksum."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


# ---- 5: checks ------------------------------------------------------------------------------------------------------


class ForeignDefinitions(PumpError):
    """The pump's definitions are not this program's; only reading and stop are sent."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, command: str, theirs: str, ours: str) -> None:
        super().__init__(
            f"{command} was not sent because the pump's definitions ({theirs}) are not this program's ({ours}): "
            "install the pumpctl that belongs to the firmware; reading and stop still work."
        )


class ReadBackMismatch(PumpError):
    """What the pump understood is not what was asked; nothing was confirmed."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, command: str, differing: Sequence[str], done: bool) -> None:
        end = "it was done at once, so look at `status`" if done else "nothing was changed"
        what = command.replace("_", " ")
        super().__init__(f"The pump understood {what} in another way: {'; '.join(differing)}; {end}.")


class NotConfirmed(PumpError):
    """A person has not agreed to a change; its draft was dropped."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, command: str) -> None:
        super().__init__(f"{command.replace('_', ' ')} was not confirmed; nothing was changed.")


class RefillOpen(PumpError):
    """A person has left a refill that is not finished."""

    exit_code = ExitCode.CHECK_FAILED


class BadPlan(PumpError):
    """A plan has faults; `problems` are sentences, each with its place."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class BadImage(PumpError):
    """The file is no image of a board."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"{path} can't be put on a board: {why}.")


class WrongBoard(PumpError):
    """The image is for another board."""

    exit_code = ExitCode.CHECK_FAILED


class VolumeUnfit(PumpError):
    """The board's volume does not take the image."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"The volume {path} {why}; unplug the board, hold BOOTSEL, plug it in and try again.")


class WrongImage(PumpError):
    """The board came back with another image than the one that was written."""

    exit_code = ExitCode.CHECK_FAILED


class PumpBusy(PumpError):
    """The pump delivers, and its image is not changed meanwhile."""

    exit_code = ExitCode.REFUSED


class FileSystemUnfit(PumpError):
    """The board's file system does not take files."""

    exit_code = ExitCode.CHECK_FAILED
