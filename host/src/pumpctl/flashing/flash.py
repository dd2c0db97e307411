"""Writes an image to a board: enter BOOTSEL mode by mpremote or by hand, copy, check what runs afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pumpctl import defs, errors, ports
from pumpctl.flashing import bootsel, mpremote, uf2
from pumpctl.protocol import answers, transport
from pumpctl.pump import Pump

Say = Callable[[str], None]

BY_HAND = "Hold the board's BOOTSEL button while you plug it in or press reset; waiting for its volume ..."
_RESTING = ("standby", "paused", "stopped_alarm", "fault", "self_test")
_POLL_S = 0.25
_FILES = "+files"  # end of the image's name when the board imports modules from its file system


@dataclass(frozen=True)
class Tools:
    """Functions that reach hardware or other programs; tests replace them."""

    mpremote: mpremote.Run = mpremote.run
    volumes: Callable[[], list[bootsel.Volume]] = bootsel.volumes
    open_port: Callable[[str], transport.Transport] = ports.opened
    find_ports: Callable[[], list[ports.Port]] = ports.listed


@dataclass(frozen=True)
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

    `force` allows it while the pump is delivering. Raises NoVolume, WrongBoard, VolumeUnfit, WrongImage, PumpBusy,
    NoAnswer, or what a port raises when it is opened.
    """
    tools, times = tools or Tools(), times or Times()
    port = port or _only_pico(tools)
    chosen = _volume(image, port, volume, say, force, tools, times)
    bootsel.check(chosen, image)
    say(f"Writing {image.path.name} ({len(image.data) // 1024} KiB) to {chosen.path} ...")
    bootsel.write(chosen, image)
    bootsel.wait_gone(chosen, times.gone_s)
    say("The board restarts; checking what runs ...")
    hello = _greet(port, tools, times)
    _compare(image, hello)
    if hello.image.endswith(_FILES):
        say("Files of an earlier `make deploy` replace those of the image; `make deploy` updates them.")
    return hello


def expected(image: uf2.Image) -> dict[str, str]:
    """Return `version` and `image` from the build's stamp beside the file; empty for a file from elsewhere."""
    try:
        stamp = json.loads(image.path.with_name("stamp.json").read_text(encoding="utf-8"))["details"]
        return {name: str(stamp[name]) for name in ("version", "image") if name in stamp}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _volume(
    image: uf2.Image, port: str | None, given: Path | None, say: Say, force: bool, tools: Tools, times: Times
) -> bootsel.Volume:
    if given:
        chosen = bootsel.opened(given)
        if chosen is None:
            raise errors.NoVolume(f"{given} is not a board in BOOTSEL mode (it has no {bootsel.INFO}); check --volume.")
        return chosen
    found = tools.volumes()
    if not found and port:
        _check_not_delivering(port, force, tools, times)
        try:
            mpremote.enter_repl(tools.open_port(port))
            mpremote.call(port, ["bootloader"], tools.mpremote)
            say(f"{port} enters BOOTSEL mode ...")
        except (errors.ReplClosed, errors.MpremoteFailed) as error:
            say(str(error))
            say(BY_HAND)
    elif not found:
        say(BY_HAND)
    return bootsel.wait_for(times.volume_s, tools.volumes)


def _check_not_delivering(port: str, force: bool, tools: Tools, times: Times) -> None:
    """Raise PumpBusy while the pump is delivering; a board without a running pump gives no answer and is accepted."""
    try:
        with Pump.connect(tools.open_port(port), times.reply_s) as pump:
            state = pump.status().state_name
    except (errors.PortMissing, errors.PortBusy, errors.PortDenied, errors.PortUnfit):
        raise
    except errors.PumpError:
        return
    if state not in _RESTING and not force:
        raise errors.PumpBusy(f"The pump is {state.replace('_', ' ')}; type `pumpctl stop` first, or add --force.")


def _greet(port: str | None, tools: Tools, times: Times) -> answers.Hello:
    """Wait until the port is back and return the answer to `hello`; raises NoAnswer."""
    until_s = time.monotonic() + times.hello_s
    while True:
        here = port or _only_pico(tools)
        try:
            if here:
                with Pump.connect(tools.open_port(here), times.reply_s) as pump:
                    return pump.hello
        except errors.PumpError as error:
            reason: errors.PumpError | None = error
        else:
            reason = None
        if time.monotonic() >= until_s:
            why = f" ({reason})" if reason else ""
            raise errors.NoAnswer(f"The image was written, but no pump answers{why}; reset it and type `pumpctl info`.")
        time.sleep(_POLL_S)


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


def _only_pico(tools: Tools) -> str | None:
    picos = [port.device for port in tools.find_ports() if port.pico]
    return picos[0] if len(picos) == 1 else None
