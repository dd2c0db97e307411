"""Writes an image to a board: enter BOOTSEL mode by mpremote or by hand, copy, check what runs afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from pumpctl import defs, errors, ports
from pumpctl.flashing import boards, bootsel, mpremote, uf2
from pumpctl.frozen import frozen
from pumpctl.protocol import answers, transport
from pumpctl.pump import Pump

Say = Callable[[str], None]

BY_HAND = "Hold the board's BOOTSEL button while you plug it in or press reset; waiting for its volume ..."
_RESTING = ("standby", "paused", "stopped_alarm", "fault", "self_test")
_POLL_S = 0.25
_FILES = "+files"  # end of the image's name when the board imports modules from its file system


@frozen
class Tools:
    """Functions that reach hardware or other programs; tests replace them."""

    mpremote: mpremote.Run = mpremote.run
    volumes: Callable[[], list[bootsel.Volume]] = bootsel.volumes
    open_port: Callable[[str], transport.Transport] = ports.opened
    find_ports: Callable[[], list[ports.Port]] = ports.listed
    choose: boards.Choose = lambda names: None  # asks the user which of several boards is meant; None: can't ask


@frozen
class Times:
    """Time-outs in seconds."""

    volume_s: float = 120.0
    gone_s: float = 20.0
    hello_s: float = 30.0
    reply_s: float = 2.0


def flash(
    image: uf2.Image,
    port: str | None,
    volume: Path | None,
    say: Say,
    force: bool = False,
    tools: Tools | None = None,
    times: Times | None = None,
) -> answers.Hello:
    """Write the image and return the pump's answer to `hello` afterwards.

    `force` allows it while the pump is delivering. Raises NoPump when it is not clear which board is meant, NoVolume,
    WrongBoard, VolumeUnfit, WrongImage, PumpBusy, NoAnswer, or what a port raises when it is opened.
    """
    tools, times = tools or Tools(), times or Times()
    before = tools.find_ports()
    if volume is not None:
        board = boards.at_volume(volume, port, tools.find_ports)
    else:
        board = boards.choose(
            port,
            tools.volumes(),
            tools.find_ports,
            lambda port: boards.examine(port, tools.open_port, times.reply_s),
            tools.choose,
        )
    board, chosen = _volume(board, say, force, tools, times)
    bootsel.check(chosen, image)
    say(f"Writing {image.path.name} ({len(image.data) // 1024} KiB) to {chosen.path}, {_name(board)} ...")
    bootsel.write(chosen, image)
    bootsel.wait_gone(chosen, times.gone_s)
    say("The board restarts; checking what runs ...")
    hello = _greet(board, before, tools, times)
    _compare(image, hello)
    if hello.image.endswith(_FILES):
        say("Files of an earlier `make deploy` replace those of the image; `make deploy` updates them.")
    return hello


def _name(board: boards.Board) -> str:
    name = f"the board {board.unique_id}" if board.unique_id else "a board whose unique id is not known"
    return f"{name}, which was at {board.port}" if board.port else name


def expected(image: uf2.Image) -> dict[str, str]:
    """Return `version` and `image` from the build's stamp beside the file; empty for a file from elsewhere."""
    try:
        stamp = json.loads(image.path.with_name("stamp.json").read_text(encoding="utf-8"))["details"]
        return {name: str(stamp[name]) for name in ("version", "image") if name in stamp}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _volume(
    board: boards.Board, say: Say, force: bool, tools: Tools, times: Times
) -> tuple[boards.Board, bootsel.Volume]:
    """Return the board, as far as it is known now, and its volume; a running board enters BOOTSEL mode."""
    if board.volume is not None:
        return board, board.volume
    before = tools.volumes()
    if board.port is None:
        say(BY_HAND)
    else:
        board = _enter_bootsel(board, board.port, say, force, tools, times)
    found = bootsel.wait_for(times.volume_s, lambda: boards.volumes_of(board, before, tools.volumes()))
    return board if board.port else boards.in_bootsel(found), found


def _enter_bootsel(board: boards.Board, port: str, say: Say, force: bool, tools: Tools, times: Times) -> boards.Board:
    """Let a running board enter BOOTSEL mode, or say how to do it by hand; raises PumpBusy, WrongBoard for a rig."""
    occupant = boards.examine(port, tools.open_port, times.reply_s)
    boards.refuse_rig(port, occupant)
    if occupant.hello is not None and occupant.state not in _RESTING and not force:
        state = occupant.state.replace("_", " ")
        raise errors.PumpBusy(f"The pump is {state}; type `pumpctl stop` first, or add --force.")
    board = boards.known_as(board, occupant.hello)
    try:
        mpremote.enter_repl(tools.open_port(port))
        mpremote.call(port, ["bootloader"], tools.mpremote)
        say(f"{port} enters BOOTSEL mode ...")
    except (errors.ReplClosed, errors.MpremoteFailed) as error:
        say(str(error))
        say(BY_HAND)
    return board


def _greet(board: boards.Board, before: list[ports.Port], tools: Tools, times: Times) -> answers.Hello:
    """Wait until the board is back and return the pump's answer to `hello`; raises NoAnswer, WrongBoard."""
    until_s = time.monotonic() + times.hello_s
    while True:
        reason: errors.PumpError | None = None
        here = boards.port_afterwards(board, before, tools.find_ports())
        try:
            if here:
                with Pump.connect(tools.open_port(here), times.reply_s) as pump:
                    return _same(board, here, pump.hello)
        except errors.PumpError as error:
            reason = error
        if time.monotonic() >= until_s:
            if isinstance(reason, errors.WrongBoard):
                raise reason
            why = f" ({str(reason).rstrip('.')})" if reason else ""
            raise errors.NoAnswer(f"The image was written, but no pump answers{why}; reset it and type `pumpctl info`.")
        time.sleep(_POLL_S)


def _same(board: boards.Board, port: str, hello: answers.Hello) -> answers.Hello:
    """Raise WrongBoard when another board answers than the one that got the image."""
    if board.unique_id and hello.unique_id and board.unique_id.casefold() != hello.unique_id.casefold():
        raise errors.WrongBoard(
            f"The image was written to the board {board.unique_id}, but {hello.unique_id} answers at {port}; "
            "unplug the others and type `pumpctl info`."
        )
    return hello


def _compare(image: uf2.Image, hello: answers.Hello) -> None:
    """Raise WrongImage when version, image or definitions are not those that were written."""
    running = {"version": hello.version, "image": hello.image.removesuffix(_FILES)}
    for name, wanted in expected(image).items():
        if running[name] != wanted:
            raise errors.WrongImage(
                f"The board runs {name} {running[name]}, but {image.path.name} has {wanted}; reset it and try `info`."
            )
    if hello.digest != defs.DIGEST:
        raise errors.WrongImage(
            f"The board runs {hello.version} with definitions {hello.digest}, but this program has {defs.DIGEST}; "
            "install the pumpctl of the same build."
        )
