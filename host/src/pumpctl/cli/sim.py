"""`pumpctl sim`: a simulated pump on a serial port that any program can open, and its world at the prompt."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import errors, sim as simulated
from pumpctl.cli import options
from pumpctl.cli.options import Json
from pumpctl.cli.screen import console

_POLL_S = 0.2
_HELP = """block, unblock   shut the line, open it again; block_upstream, unblock_upstream before the pump
block_over 360   the line closes by itself within 360 min; kink 5 shuts it for 5 min
narrow 200       twice the line's resistance; 100 is as before
leak 50          half of the flow leaks; disconnect, connect take the line off and put it on
air 5000         5000 nL of air in the line
free_flow 1      the drive holds nothing back; 0 is as before
drain 1000       take 1000 nL out of the reservoir
refill 16000000  the reservoir holds 16 mL now
supply 4500, heat 4600   the supply in mV, the temperature in hundredths of a degree
a part and what is wrong with it, as in pressure_off, level_stuck 0, drive_works:
                 pressure level flow supply temperature counter drive
                 works off stuck garbage wrong slow delayed intermittent
power_cut 60     no power for 60 s; watchdog_reset, brown_out, reset, fault_reset begin the pump anew
hang 9, forget 9 the firmware's tenth job never comes back, or is never asked again, until the watchdog bites
watchdog_dead    the watchdog never bites, watchdog_forgets: its bite looks as a power-on does; watchdog_works
power_cut_half 3 the power goes in the flash's operation after 3 more, half of which is done;
                 none, half, subset, whole; power_stays takes it back
flash_fill 0     the journal's flash is full of this byte; flash_chance 1, flash_half 1 of chance bytes
truth            what is so, whatever the sensors say
quit             end the pump"""


def sim(
    context: typer.Context,
    speed: Annotated[int, typer.Option("--speed", min=1, max=100_000, help="Simulated seconds in a second.")] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the world; the same seed, the same world.")] = 1,
    settings: Annotated[list[str] | None, typer.Option("--set", help="Setting of the world as name=number.")] = None,
    flash: Annotated[
        Path | None, typer.Option("--flash", help="File in which the pump's flash outlasts the simulation.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a simulated pump on a serial port, whose name is printed, until Ctrl-C or quit.

    What is typed meanwhile happens to its world: block, unblock, drain 1000, refill 16000000, truth, help, quit.
    """
    chosen = options.options(context, None, as_json, None)
    signal.signal(signal.SIGTERM, _leave)
    given = dict(simulated.setting(text) for text in settings or [])
    try:
        with simulated.Simulation(seed, given, "wall", speed, on_log=options.log_to_stderr, flash=flash) as world:
            world.truth()  # it answers: the port may be told
            if chosen.as_json:
                console.put_json({"port": world.port})
            else:
                console.put(world.port)
                console.say(f"Talk to it with `pumpctl --port {world.port} status`; `help` lists the actions.")
            _serve(world, chosen.as_json)
    except KeyboardInterrupt:
        return


def _serve(world: simulated.Simulation, as_json: bool) -> None:
    """Do what is typed until quit, or until the end of a terminal; raises SimulatorDied."""
    for line in _typed(world):
        verb, _, rest = line.strip().partition(" ")
        if verb in ("quit", "exit"):
            return
        if verb:
            try:
                _obey(world, verb, rest.strip(), as_json)
            except errors.UsageProblem as error:
                console.say(str(error))


def _obey(world: simulated.Simulation, verb: str, rest: str, as_json: bool) -> None:
    if verb == "help":
        console.say(_HELP)
    elif verb == "truth":
        truth = world.truth()
        if as_json:
            console.put_json(truth)
        else:
            console.put_pairs((name, str(value)) for name, value in sorted(truth.items()))
    elif rest and not rest.removeprefix("-").isdecimal():
        raise errors.UnknownWorldAction(f"{verb} takes a whole number, not {rest!r}.")
    else:
        world.do(verb, int(rest) if rest else None)
        console.say(f"{verb} done.")


def _typed(world: simulated.Simulation) -> Iterator[str]:
    """Yield typed lines; watches the pump meanwhile. The end of input ends a terminal's session, but no script's."""
    stdin, prompts = sys.stdin.fileno(), sys.stdin.isatty()
    rest, open_input = b"", True
    _prompt(prompts)
    while True:
        world.check()
        ready, _, _ = select.select([stdin] if open_input else [], [], [], _POLL_S)
        if not ready:
            continue
        data = os.read(stdin, 4096)
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        if not data:
            if prompts:
                return
            open_input = False
        _prompt(prompts)


def _prompt(wanted: bool) -> None:
    if wanted:
        sys.stderr.write("world> ")
        sys.stderr.flush()


def _leave(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
