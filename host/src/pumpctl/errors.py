"""All errors of this package, one exception per cause; each has an exit code and one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any, ClassVar


def closest(text: str, names: Iterable[str]) -> str | None:
    """Return the name that was probably meant, None when none is close."""
    import difflib  # here, as it is needed for an error only

    return next(iter(difflib.get_close_matches(text, names, 1)), None)


class ExitCode(IntEnum):
    """The exit codes of the command line."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NO_DEVICE = 3
    LINK_LOST = 4
    CHECK_FAILED = 5
    NOT_AUTHORISED = 6
    SYSTEM = 7
    INTERNAL = 70
    INTERRUPTED = 130


# What each exit code says; the help and host/README.md show them.
EXIT_TEXTS = {
    ExitCode.DONE: "done",
    ExitCode.REFUSED: "refused by the pump",
    ExitCode.USAGE: "usage",
    ExitCode.NO_DEVICE: "no device or port busy",
    ExitCode.LINK_LOST: "link lost or timed out",
    ExitCode.CHECK_FAILED: "a check failed",
    ExitCode.NOT_AUTHORISED: "not authorised",
    ExitCode.SYSTEM: "a file or the output can't be written, or the system failed",
    ExitCode.INTERNAL: "an error in pumpctl itself",
    ExitCode.INTERRUPTED: "interrupted",
}


class PumpError(Exception):
    """Base of all errors that are shown to the user; `exit_code` is that of the command line."""

    exit_code: ClassVar[ExitCode] = ExitCode.LINK_LOST


# ---- 1: the pump refused --------------------------------------------------------------------------------------------


class Refused(PumpError):
    """The pump refused a request and changed nothing; `refusal` is its number in the definitions, `name` its name."""

    exit_code = ExitCode.REFUSED

    def __init__(
        self,
        text: str,
        refusal: int,
        name: str,
        fields: Mapping[str, Any],
        command: str = "",
        sent: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(text)
        self.refusal = refusal
        self.name = name
        self.fields = dict(fields)
        self.command = command
        self.sent = dict(sent or {})


# ---- 2: usage -------------------------------------------------------------------------------------------------------


class UsageProblem(PumpError):
    """An argument, an option or a setting is invalid."""

    exit_code = ExitCode.USAGE


class BadAmount(UsageProblem):
    """A rate, a volume or a time is not readable or has too many decimals."""


class TooFine(BadAmount):
    """An amount has more decimals than the pump's resolution."""


class ConfirmationMissing(UsageProblem):
    """A change must be confirmed, and no user can be asked."""

    def __init__(self) -> None:
        super().__init__("This change must be confirmed, so nothing was changed; add --yes to confirm it.")


class Unanswered(UsageProblem):
    """The input ended before a question was answered."""

    def __init__(self, question: str) -> None:
        super().__init__(
            f"The input ended at the question {question.strip()!r}, so nothing more was done; answer it at a terminal, "
            "or use a form of the command that doesn't ask (see its --help)."
        )


class BadConfiguration(UsageProblem):
    """The configuration file is not readable or invalid."""


class UnknownWorldAction(UsageProblem):
    """The simulated world has no such action, or its number is out of range."""


class TokenMissing(UsageProblem):
    """The service would be reachable from other computers without a token."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"With --host {host} other computers reach the pump, so a token is needed; put one of at least 16 letters "
            "into a file and name it with --token-file."
        )


class SessionUnknown(UsageProblem):
    """There is no such session."""


class ServiceExtraMissing(PumpError):
    """The service needs packages that aren't installed."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str) -> None:
        super().__init__(f"The service needs {name}, which isn't installed; type `pip install 'pumpctl[service]'`.")


class ParquetExtraMissing(PumpError):
    """An export to Parquet needs pyarrow, which isn't installed."""

    exit_code = ExitCode.USAGE

    def __init__(self) -> None:
        super().__init__("Parquet needs pyarrow, which isn't installed; type `pip install 'pumpctl[parquet]'`.")


class ReportExtraMissing(PumpError):
    """A plot needs matplotlib, which isn't installed."""

    exit_code = ExitCode.USAGE


# ---- 3: no device ---------------------------------------------------------------------------------------------------


class NoPump(PumpError):
    """No port was given, and none or more than one Pico is plugged in."""

    exit_code = ExitCode.NO_DEVICE


class PortMissing(PumpError):
    """The port doesn't exist."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, port: str, why: str = "") -> None:
        reason = f" ({why})" if why else ""
        super().__init__(f"There is no port {port}{reason}; `pumpctl ports` lists the ports.")


class PortBusy(PumpError):
    """Another program has opened the port."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, port: str, holder: str = "") -> None:
        who = holder or "another program"
        super().__init__(f"The port {port} is in use by {who}; close that program and try again.")


class HeldByService(PumpError):
    """A service already owns the port."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, port: str, pid: int, url: str) -> None:
        super().__init__(f"The port {port} is already served by the service with pid {pid} at {url}; use that one.")


class AddressBusy(PumpError):
    """The service can't listen at its address."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, host: str, port: int, error: Exception) -> None:
        super().__init__(
            f"The service can't listen at {host} port {port} ({reason(error)}); choose another with --http-port."
        )


class NoWorld(PumpError):
    """There is no simulated pump whose world could be acted on, or more than one."""

    exit_code = ExitCode.NO_DEVICE


class PortDenied(PumpError):
    """The user has no permission to open the port."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, port: str) -> None:
        super().__init__(
            f"You have no permission to open {port}; join the group that owns it (often dialout) and log in again."
        )


class PortUnfit(PumpError):
    """The port exists but can't be opened as a serial port."""

    exit_code = ExitCode.NO_DEVICE

    def __init__(self, port: str, why: str) -> None:
        super().__init__(f"The port {port} can't be opened as a serial port ({why}); `pumpctl ports` lists the ports.")


class BalanceMissing(PumpError):
    """No balance answers, or more than one."""

    exit_code = ExitCode.NO_DEVICE


class SimulatorMissing(PumpError):
    """The checkout, or what must be built in it for the simulated pump, was not found."""

    exit_code = ExitCode.NO_DEVICE


class NoVolume(PumpError):
    """None or more than one board is in BOOTSEL mode."""

    exit_code = ExitCode.NO_DEVICE


class ReplClosed(PumpError):
    """The board's REPL can't be reached, as with a release image."""

    exit_code = ExitCode.NO_DEVICE


class MpremoteFailed(PumpError):
    """mpremote is not installed, or reported an error."""

    exit_code = ExitCode.NO_DEVICE


# ---- 4: the link ----------------------------------------------------------------------------------------------------


class LinkLost(PumpError):
    """The port disappeared while it was in use."""

    def __init__(self, port: str, why: str = "") -> None:
        reason = f" ({why})" if why else ""
        super().__init__(f"The link to {port} was lost{reason}; check the cable and the pump's power, then try again.")


class NoAnswer(PumpError):
    """The pump did not answer within the time-out."""


class ServiceBusy(PumpError):
    """More requests wait for the pump than the service stores."""

    def __init__(self, most: int) -> None:
        super().__init__(f"More than {most} requests wait for the pump, so this one was not sent; ask less often.")


class PumpAbsent(PumpError):
    """A pump that was listened to could not be reached again."""

    def __init__(self, port: str, wait_s: float, last: PumpError) -> None:
        super().__init__(f"Nothing came from the pump at {port} for {wait_s:g} s, the last failure was: {last}")


class NotReached(PumpError):
    """The pump did not get into a state, or an alarm was not raised, in time."""

    def __init__(self, wanted: str, timeout_s: float, now: str) -> None:
        super().__init__(f"After {timeout_s:g} s the pump is not {wanted}; it is {now}.")


class OtherBoard(PumpError):
    """Another board than before answers at a port."""

    def __init__(self, port: str, there: str, wanted: str) -> None:
        super().__init__(f"The board at {port} is {there or 'unknown'}, not {wanted}; plug that one in again.")


class BadAnswer(PumpError):
    """The pump's answer doesn't match the definitions; `what` names the part that is wrong."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The pump's answer {what}; install the pumpctl that belongs to its firmware (see `info`).")


class BalanceLost(PumpError):
    """A balance no longer answers."""

    def __init__(self, port: str, why: str) -> None:
        super().__init__(f"The balance at {port} does not answer ({why}); check its cable and power.")


class LinkDamaged(PumpError):
    """The pump received damaged lines and did not answer a request, also when it was sent again."""


class SimulatorDied(PumpError):
    """The simulated pump ended or stopped answering."""

    def __init__(self, how: str, last_lines: Sequence[str] = ()) -> None:
        output = " / ".join(line.strip() for line in last_lines if line.strip())
        super().__init__(
            f"The simulated pump {how}; {f'its last output: {output}' if output else 'it printed nothing'}."
        )


class WireError(PumpError):
    """A line is not a valid frame; `reason` is too_long, bad_line, no_checksum or bad_checksum."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


# ---- 5: checks ------------------------------------------------------------------------------------------------------


class ForeignDefinitions(PumpError):
    """The pump's definitions differ from this program's; only reading commands and stop are sent."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, command: str, theirs: str, ours: str) -> None:
        super().__init__(
            f"{command} was not sent because the pump's definitions ({theirs}) differ from this program's ({ours}); "
            "install the pumpctl of the pump's firmware (reading and stop still work)."
        )


class ReadBackMismatch(PumpError):
    """The values that the pump read back are not those that were sent; nothing was confirmed."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, command: str, differing: Sequence[str], done: bool) -> None:
        end = "the change is already made, so check `status`" if done else "nothing was changed"
        what = command.replace("_", " ")
        super().__init__(f"The pump's read-back of {what} is wrong: {'; '.join(differing)}; {end}.")


class NotConfirmed(PumpError):
    """The user did not confirm a change; the pending change was dropped."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, command: str) -> None:
        super().__init__(f"{command.replace('_', ' ')} was not confirmed; nothing was changed.")


class RefillOpen(PumpError):
    """The user left a refill before its end."""

    exit_code = ExitCode.CHECK_FAILED


class BadPlan(PumpError):
    """A plan's file has errors; `problems` has one sentence for each, with file and line."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class BadParams(PumpError):
    """A file of parameters has errors; `problems` has one sentence for each."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join([*problems, "Nothing was changed."]))
        self.problems = tuple(problems)


class BadCheckout(PumpError):
    """A file of the checkout is missing or damaged."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, error: Exception) -> None:
        super().__init__(f"The file {path} of the checkout can't be used: {reason(error)}.")


class BadImage(PumpError):
    """The file is not a valid image."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"{path} can't be written to a board: {why}.")


class WrongBoard(PumpError):
    """The image is for another board."""

    exit_code = ExitCode.CHECK_FAILED


class VolumeUnfit(PumpError):
    """The image can't be written to the board's volume."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"The volume {path} {why}; unplug the board, hold BOOTSEL, plug it in and try again.")


class WrongImage(PumpError):
    """After writing, the board runs another image."""

    exit_code = ExitCode.CHECK_FAILED


class PumpBusy(PumpError):
    """The pump is delivering; its image is not replaced meanwhile."""

    exit_code = ExitCode.REFUSED


class FileSystemUnfit(PumpError):
    """The board's file system can't be mounted."""

    exit_code = ExitCode.CHECK_FAILED


class BadWeights(PumpError):
    """A file of weights can't be used; `line` is 0 when it is the file as a whole."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, line: int, why: str) -> None:
        where = f"Line {line} of {path}" if line else f"The file {path}"
        super().__init__(f"{where} {why}.")


class BalanceUnfit(PumpError):
    """A balance can't show a weight now; `cause` is one word."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause = cause


class NoMeasurement(PumpError):
    """A session holds no measurement."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object) -> None:
        super().__init__(f"The session {path} holds no measurement; `pumpctl bench accuracy` makes one.")


class NoReaction(PumpError):
    """A measurement waited for something that the pump did not do."""

    exit_code = ExitCode.CHECK_FAILED


class BadLimits(PumpError):
    """A file of limits can't be used."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"The file of limits {path} {why}.")


class LimitExceeded(PumpError):
    """A measurement is outside its limits, or was not made."""

    exit_code = ExitCode.CHECK_FAILED


class BadEvidence(PumpError):
    """A record of measurements can't be read."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"{path} {why}; `pytest --evidence=DIR` writes such records.")


class EvidenceWorse(PumpError):
    """Measurements of the second run are beyond their limits, or were not made."""

    exit_code = ExitCode.CHECK_FAILED


class FileThere(PumpError):
    """A file to be written exists already."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, path: object) -> None:
        super().__init__(f"{path} exists and was not changed; choose another name.")


class SessionDamaged(PumpError):
    """A session's file is damaged; `rows` were read before the damage."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"The session {path} is damaged ({why}); what could be read was shown, and it is not changed.")


class SessionUnfit(PumpError):
    """A file is no session, or one of a later version."""

    exit_code = ExitCode.CHECK_FAILED

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"{path} can't be used as a session: {why}.")


# ---- 6: authorisation -----------------------------------------------------------------------------------------------


class NotAuthorised(PumpError):
    """The service refused a request: no token, a wrong one, or a page from elsewhere."""

    exit_code = ExitCode.NOT_AUTHORISED


class TokenNeeded(NotAuthorised):
    """The service lets a program without the right token view the pump and stop it, no more."""

    def __init__(self, command: str, role: str, token: str) -> None:
        super().__init__(
            f"{command.replace('_', ' ')} was not sent because it takes a token {token}, and this program has the role "
            f"{role}; `pumpctl serve` tells the address with a token."
        )


class NotPermitted(Refused):
    """The pump takes this only from a paired host with the right role."""

    exit_code = ExitCode.NOT_AUTHORISED


class KeyMissing(PumpError):
    """The pump requires keys, and this user has none for it."""

    exit_code = ExitCode.NOT_AUTHORISED

    def __init__(self, command: str) -> None:
        super().__init__(
            f"{command.replace('_', ' ')} was not sent because this pump takes it only from a paired host; "
            "type `pumpctl pair` and press the pump's button."
        )


class KeyUnfit(PumpError):
    """A key file can't be used, written or deleted."""

    exit_code = ExitCode.NOT_AUTHORISED


class ProofWrong(PumpError):
    """The other side doesn't have the key: it is not the pump that was paired, or was paired anew since."""

    exit_code = ExitCode.NOT_AUTHORISED

    def __init__(self) -> None:
        super().__init__("This is not the pump that was paired, or its keys were erased; type `pumpctl pair`.")


class PairingOver(PumpError):
    """The button was not pressed in time."""

    exit_code = ExitCode.NOT_AUTHORISED

    def __init__(self) -> None:
        super().__init__("The pump's button was not pressed within 60 s, so nothing was paired or erased.")


class SessionEnded(PumpError):
    """The pump doesn't know the session of a line, as after a reset, and has not carried the line out."""

    exit_code = ExitCode.NOT_AUTHORISED

    def __init__(self) -> None:
        super().__init__("The pump has ended the session twice in a row; try again.")


# ---- 7: the system --------------------------------------------------------------------------------------------------


class SystemFailed(PumpError):
    """The system reported an error; `what` is what could not be done."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, what: str, error: Exception) -> None:
        super().__init__(f"{what}: {reason(error)}.")


class NotSaved(SystemFailed):
    """A file can't be written."""

    def __init__(self, path: object, error: Exception) -> None:
        super().__init__(f"The file {path} could not be saved", error)


class OutputLost(SystemFailed):
    """What reads the output has ended, or the output can't be stored."""

    def __init__(self, error: Exception) -> None:
        super().__init__("The output could not be written", error)


def reason(error: Exception) -> str:
    """Return an exception of the system or a library as one short clause."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    name = getattr(error, "filename", None)
    where = "" if name is None else f", {name}"
    return " ".join(f"{text}{where}".split()).rstrip(".")[:200]
