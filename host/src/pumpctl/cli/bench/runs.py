"""The verbs that measure: `bench start-up`, `accuracy`, `occlusion`, `bolus`, `free-flow`.

A run is recorded in a session's file. It can be interrupted with Ctrl-C and continued with --session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pumpctl import errors, ports, units
from pumpctl.cli import options
from pumpctl.cli.bench import run_options, showing
from pumpctl.cli.bench.run_options import Wanted, measuring
from pumpctl.cli.options import Options
from pumpctl.cli.screen import confirm, console

if TYPE_CHECKING:
    from pumpctl.bench import procedures, stand
    from pumpctl.measurement.result import Conditions
    from pumpctl.protocol.changes import Agree
    from pumpctl.session import measurements

_SETTLING_MS = 3_600_000  # before an occlusion is made
_Procedure = Callable[["stand.Stand", float], "procedures.Findings"]


@measuring()
def accuracy(
    chosen: Options,
    wanted: Wanted,
    sampling: run_options.Sampling = "continuous",
    shot: run_options.Shot = 0,
    settling: run_options.Settling = None,
    period: run_options.Period = None,
) -> None:
    """Weigh at the standard's interval: start-up, trumpet curve and overall error, for 49 hours by default."""
    given = {"sampling": sampling, "shot_min": shot, "settling_min": settling, "period_min": period}
    _weighing(chosen, "accuracy", wanted, given)


@measuring()
def start_up(
    chosen: Options,
    wanted: Wanted,
    hours: Annotated[int, typer.Option("--hours", min=1, help="How long to weigh.")] = 24,
    prime: Annotated[str, typer.Option("--prime", help="Volume to prime the line with before, such as 20uL.")] = "",
) -> None:
    """Weigh the first hours after the start of delivery, every 15 minutes."""
    prime_nl = units.volume_nl(prime) if prime else 0
    _weighing(chosen, "start-up", wanted, {"settling_min": 0.0, "period_min": hours * 60.0}, prime_nl)


@measuring("temperature", "evaporation")
def occlusion(chosen: Options, wanted: Wanted) -> None:
    """Close the line's end during delivery: time to the alarm, and the volume released when it is opened."""
    from pumpctl.bench import procedures

    def run(on: stand.Stand, density_g_ml: float) -> procedures.Findings:
        return procedures.occlusion(on, density_g_ml, _SETTLING_MS, console.say)

    _procedure(chosen, "occlusion", wanted, run)


@measuring("temperature", "evaporation")
def bolus(
    chosen: Options,
    wanted: Wanted,
    volume: Annotated[str, typer.Argument(help="Volume of each, such as 20uL.")],
    count: Annotated[int, typer.Option("--count", min=1, max=20, help="How many.")] = 3,
) -> None:
    """Give boluses and weigh each, without the basal delivery."""
    from pumpctl.bench import procedures

    volume_nl = units.volume_nl(volume)

    def run(on: stand.Stand, density_g_ml: float) -> procedures.Findings:
        return procedures.boluses(on, density_g_ml, volume_nl, count, console.say)

    _procedure(chosen, "bolus", wanted, run)


@measuring("rate", "temperature", "evaporation")
def free_flow(
    chosen: Options, wanted: Wanted, height: run_options.Height = 50, minutes: run_options.Minutes = 30
) -> None:
    """Weigh what passes the stopped pump with the line's end below and above it (siphon)."""
    from pumpctl.bench import procedures

    def run(on: stand.Stand, density_g_ml: float) -> procedures.Findings:
        on.pump.stop()
        return procedures.free_flow(on, density_g_ml, height, minutes * procedures.MINUTE_MS, console.say)

    _procedure(chosen, "free-flow", wanted, run)


def _weighing(chosen: Options, kind: str, wanted: Wanted, given: dict[str, Any], prime_nl: int = 0) -> None:
    from pumpctl.bench import weighing
    from pumpctl.measurement import limits as limit_files, result

    limits = limit_files.read(wanted.limits) if wanted.limits else {}
    conditions = _conditions(kind, wanted, **given)
    conditions.plan()  # refuses what can't be before anything moves
    agree = confirm.agreement(wanted.yes, chosen.as_json)
    with stand_of(chosen, wanted.balance) as on, recording(on, wanted.session, conditions) as kept:
        began_ms = begin(on, kept, agree, prime_nl=prime_nl)
        sampling = kept.conditions.plan()
        try:
            progress = showing.progress(kind, kept.conditions.rate_ul_day, kept.weights.rows)
            weighing_run = weighing.Weighing(on, kept, began_ms, kept.conditions.weighed_g_ml)
            if kept.continued:
                weighing_run.begin_piece("interrupted", "The run was interrupted and continued here.")
            weighing_run.run(sampling.interval_ms, sampling.run_ms, progress)
        except KeyboardInterrupt:
            console.say(f"Interrupted; continue with --session {kept.path}.")
            raise
        found = result.of_weights(kept.path.stem, kept.weights, kept.conditions, limits)
        kept.end({"figures": found.figures})
    _tell(chosen, kept.path, [found])


def _procedure(chosen: Options, kind: str, wanted: Wanted, run: _Procedure) -> None:
    from pumpctl.measurement import limits as limit_files, result

    limits = limit_files.read(wanted.limits) if wanted.limits else {}
    agree = confirm.agreement(wanted.yes, chosen.as_json)
    with (
        stand_of(chosen, wanted.balance) as on,
        recording(on, wanted.session, _conditions(kind, wanted)) as kept,
    ):
        begin(on, kept, agree)
        found = run(on, kept.conditions.weighed_g_ml)
        kept.end({"figures": found.figures, "columns": found.columns, "table": found.table})
    shown = result.Result(
        kept.path.stem,
        kept.conditions,
        found.figures,
        columns=found.columns,
        table=found.table,
        verdicts=limit_files.verdicts(found.figures, limits),
    )
    _tell(chosen, kept.path, [shown])


def _conditions(kind: str, wanted: Wanted, **given: Any) -> Conditions:
    from pumpctl.measurement import result

    return result.Conditions(
        units.rate_ul_day(wanted.rate),
        kind,
        temperature_c=wanted.temperature,
        evaporation_ug_h=wanted.evaporation,
        note=wanted.note,
        **given,
    )


@contextmanager
def stand_of(chosen: Options, balance: str | None, weighs: bool = True) -> Iterator[stand.Stand]:
    """Open the pump, and the balance if it `weighs`, and close them."""
    from pumpctl.balance import port as balances
    from pumpctl.balance.protocols import PROTOCOLS
    from pumpctl.bench import stand

    port = ports.named_by_user(chosen.port) or ""
    on: stand.Stand
    if ports.starts_a_pump(port):
        protocol = balance if balance in PROTOCOLS else "mt-sics"
        on = stand.SimulatedStand(port, str(protocol))
        try:
            yield on
        finally:
            on.close()
        return
    with (
        showing.opened_balance(balance) if weighs else balances.NoBalance() as opened,
        options.connected(chosen) as pump,
    ):
        yield stand.RealStand(pump, opened, _ask)


@contextmanager
def recording(on: stand.Stand, session: Path | None, conditions: Conditions) -> Iterator[measurements.Record]:
    from pumpctl.session import measurements, store

    hello = on.pump.hello
    full = replace(
        conditions,
        began=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        pump=f"{hello.board} {hello.version} {hello.unique_id or ''}".strip(),
        firmware=hello.image,
        balance=on.balance.name,
        back_pressure_kpa=on.back_pressure_kpa,
    )
    path = session or store.new_path(store.folder(), f"bench {conditions.kind}")
    with measurements.Record(path, full) as kept:
        yield kept


def begin(on: stand.Stand, kept: measurements.Record, agree: Agree, rest_ms: int = 0, prime_nl: int = 0) -> int:
    """Start delivery unless the run goes on, after a prime and a rest; return the stand's time when the run began."""
    status, rate_ul_day = on.pump.status(), kept.conditions.rate_ul_day
    if status.state_name != "infusing":
        on.prepare(rate_ul_day, agree)
        if prime_nl:
            on.prime(prime_nl, agree)
        on.wait_ms(rest_ms)
        on.balance.tare()
        on.pump.start()
    elif status.rate_ul_day != rate_ul_day:
        raise errors.UsageProblem(
            f"The pump is infusing {units.rate(status.rate_ul_day)}, not {units.rate(rate_ul_day)}; stop it first."
        )
    rows = kept.weights.rows
    if not rows:
        return on.now_ms()
    return on.now_ms() - rows[-1].time_ms - on.away_ms(kept.last_at_ms)


def _tell(chosen: Options, path: Path, results: list[Any]) -> None:
    showing.show(chosen, results)
    console.say(f"Recorded in {path}; `pumpctl bench report {path}` writes the report.")
    showing.check(results)


def _ask(text: str) -> None:
    console.ask(f"{text} Then press Enter", default="")
