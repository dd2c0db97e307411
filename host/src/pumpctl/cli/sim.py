"""`pumpctl sim`: a simulated pump on a serial port that any program can open; actions on its world are typed."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import errors, running, sim as simulated
from pumpctl.cli import options
from pumpctl.cli.screen import console
from pumpctl.diagnostics import preparation
from pumpctl.sim import world_socket

_POLL_S = 0.2
ACTIONS = """block, unblock   close the line, open it; block_upstream, unblock_upstream: between reservoir and pump
block_over 360   close the line gradually within 360 min; kink 5 closes it for 5 min
narrow 200       set the line's resistance to 200 % of normal; 100 is normal
leak 50          50 % of the flow leaks; disconnect, connect remove the line and attach it
air 5uL          5 µL of air in the line; a number without a unit is in nL
free_flow 1      the drive no longer holds the fluid back; 0 ends it
drain 1mL        take 1 mL out of the reservoir
refill 16mL      the reservoir holds 16 mL now
speed 60         simulated seconds per second
supply 3800, heat 4600   supply voltage in mV, temperature in hundredths of a degree Celsius
a part and its fault, as in pressure_off, level_stuck 0, drive_works:
                 pressure level flow supply temperature counter drive
                 works off stuck garbage wrong slow delayed intermittent
power_cut 60     no power for 60 s; watchdog_reset, brown_out, reset, fault_reset restart the pump
hang 9, forget 9 the firmware's tenth job hangs, or is never called again, until the watchdog resets the pump
watchdog_dead    the watchdog never resets, watchdog_forgets: its reset looks like a power-on; watchdog_works
power_cut_half 3 after 3 more flash operations the power fails during the next, half of which is done;
                 also _none, _subset, _whole; power_stays cancels it
flash_fill 0     fill the journal's flash with this byte; flash_chance 1, flash_half 1 with random bytes
truth            show the true values of the simulated world"""
_HELP = f"{ACTIONS}\nquit             end the pump"


@options.sharing("as_json")
def sim(
    chosen: options.Options,
    speed: Annotated[int, typer.Option("--speed", min=1, max=100_000, help="Simulated seconds per second.")] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the random numbers; same seed, same run.")] = 1,
    settings: Annotated[list[str] | None, typer.Option("--set", help="Setting of the world, as name=number.")] = None,
    flash: Annotated[
        Path | None, typer.Option("--flash", help="File that stores the pump's flash for the next run.")
    ] = None,
    ready: Annotated[
        bool, typer.Option("--ready", help="Enter the contents, set a plan of 1 mL/day and start, before it is told.")
    ] = False,
    link: Annotated[
        Path | None, typer.Option("--link", help="Name that leads to the port while the pump runs, as ./pump.")
    ] = None,
) -> None:
    """Run a simulated pump on a serial port, whose name is printed, until Ctrl-C or quit.

    Type actions on its world meanwhile: block, unblock, drain 1mL, refill 16mL, truth; `help` lists all.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    given = dict(simulated.setting(text) for text in settings or [])
    try:
        with (
            simulated.Simulation(seed, given, "wall", speed, on_log=options.log_to_stderr, flash=flash) as world,
            _linked(link, world.port),
        ):
            if ready:
                preparation.prepare(world)
            run(world, "sim:", chosen.as_json, link)
    except KeyboardInterrupt:
        return


@contextmanager
def _linked(link: Path | None, port: str) -> Iterator[None]:
    """Let a name lead to the port meanwhile; one that leads nowhere is replaced. Raises UsageProblem, NotSaved."""
    if link is None:
        yield
        return
    if link.exists() or (link.is_symlink() and not os.readlink(link).startswith("/dev/")):
        raise errors.UsageProblem(f"{link} already exists; choose another name for --link, or remove it.")
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(port)
    except OSError as error:
        raise errors.NotSaved(link, error) from error
    try:
        yield
    finally:
        with suppress(OSError):
            if os.readlink(link) == port:
                link.unlink()


def run(world: simulated.Simulation, name: str, as_json: bool, link: Path | None = None) -> None:
    """Tell the port, or its link, and take actions, typed here or sent by `pumpctl world`; raises SimulatorDied."""
    world.truth()  # wait for an answer: then the pump is ready
    key = world.key.key.hex() if world.key else ""
    with (
        closing(world_socket.WorldSocket(world)) as socket,
        running.entered("", [running.Pump("1", name, world.port, world=socket.path, key=key)]),
    ):
        _tell_ready(world.port if link is None else str(link), as_json)
        _serve(world, as_json)


def _tell_ready(port: str, as_json: bool) -> None:
    if as_json:
        console.put_json({"port": port})
    else:
        console.put(port)
        console.say(f"Ready for `pumpctl --port {port} status`; type `help` for actions on the world.")


def _serve(world: simulated.Simulation, as_json: bool) -> None:
    """Run typed actions until quit or the end of a terminal's input; raises SimulatorDied."""
    for line in _typed(world):
        action, _, rest = line.strip().partition(" ")
        if action in ("quit", "exit"):
            return
        if action:
            try:
                _run_action(world, action, rest.strip(), as_json)
            except errors.UsageProblem as error:
                console.say(str(error))


def _run_action(world: simulated.Simulation, action: str, rest: str, as_json: bool) -> None:
    if action == "help":
        console.say(_HELP)
    elif action == "truth":
        put_truth(world.truth(), as_json)
    else:
        world.do(action, simulated.action_value(action, rest))
        console.say(f"{action} done.")


def put_truth(truth: Mapping[str, int], as_json: bool) -> None:
    """Show the true values of a world."""
    if as_json:
        console.put_json(dict(truth))
    else:
        console.put_pairs((name, str(value)) for name, value in sorted(truth.items()))


def _typed(world: simulated.Simulation) -> Iterator[str]:
    """Yield typed lines and check the pump meanwhile; at the end of a script's input, go on without input."""
    stdin, at_terminal = sys.stdin.fileno(), sys.stdin.isatty()
    rest, open_input = b"", True
    _prompt(at_terminal)
    while True:
        world.check()
        ready, _, _ = select.select([stdin] if open_input else [], [], [], _POLL_S)
        if not ready:
            continue
        data = os.read(stdin, 4096)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace")
        if not data:
            if at_terminal:
                return
            open_input = False
        _prompt(at_terminal)


def _prompt(at_terminal: bool) -> None:
    if at_terminal:
        console.prompt("world> ")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
