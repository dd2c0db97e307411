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
from pumpctl.cli.bench import showing
from pumpctl.cli.options import Options, Yes
from pumpctl.cli.screen import confirm, console

if TYPE_CHECKING:
    from pumpctl.bench import procedures, stand
    from pumpctl.measurement.result import Conditions
    from pumpctl.protocol.changes import Agree
    from pumpctl.session import measurements

Rate = Annotated[str, typer.Option("--rate", help="Rate, such as 1 (mL/day) or 50uL.")]
Session = Annotated[Path | None, typer.Option("--session", help="File to record into; continues a run in it.")]
Note = Annotated[str, typer.Option("--note", help="The operator's note, for the report.")]
Temperature = Annotated[float, typer.Option("--temperature", min=0, max=40, help="Of the water, in °C.")]
Evaporation = Annotated[float, typer.Option("--evaporation", help="Measured with a second vessel, in µg per hour.")]
Sampling = Annotated[str, typer.Option("--sampling", help="continuous, strokes, or volumetric (for comparison).")]
Shot = Annotated[float, typer.Option("--shot", help="For strokes: minutes from one to the next.")]
Settling = Annotated[float | None, typer.Option("--settling", min=0, help="Minutes before the analysis.")]
Period = Annotated[float | None, typer.Option("--period", min=1, help="Minutes of the analysis.")]
Height = Annotated[int, typer.Option("--height", min=1, max=80, help="Height of the siphon test in cm.")]
Minutes = Annotated[int, typer.Option("--minutes", min=1, help="Time at each height.")]

_SETTLING_MS = 3_600_000  # before an occlusion is made
_Procedure = Callable[["stand.Stand", float], "procedures.Findings"]


@options.sharing("port", "as_json")
def accuracy(
    chosen: Options,
    rate: Rate = "1",
    balance: showing.Balance = None,
    sampling: Sampling = "continuous",
    shot: Shot = 0,
    settling: Settling = None,
    period: Period = None,
    temperature: Temperature = 20,
    evaporation: Evaporation = 0,
    note: Note = "",
    session: Session = None,
    limits: showing.Limits = None,
    yes: Yes = False,
) -> None:
    """Weigh at the standard's interval: start-up, trumpet curve and overall error, for 49 hours by default."""
    given = {"sampling": sampling, "shot_min": shot, "settling_min": settling, "period_min": period}
    _weighing(chosen, "accuracy", rate, balance, session, limits, yes, temperature, evaporation, note, **given)


@options.sharing("port", "as_json")
def start_up(
    chosen: Options,
    rate: Rate = "1",
    balance: showing.Balance = None,
    hours: Annotated[int, typer.Option("--hours", min=1, help="How long to weigh.")] = 24,
    temperature: Temperature = 20,
    evaporation: Evaporation = 0,
    note: Note = "",
    session: Session = None,
    limits: showing.Limits = None,
    yes: Yes = False,
) -> None:
    """Weigh the first hours after the start of delivery, every 15 minutes."""
    given = {"settling_min": 0.0, "period_min": hours * 60.0}
    _weighing(chosen, "start-up", rate, balance, session, limits, yes, temperature, evaporation, note, **given)


@options.sharing("port", "as_json")
def occlusion(
    chosen: Options,
    rate: Rate = "1",
    balance: showing.Balance = None,
    note: Note = "",
    session: Session = None,
    limits: showing.Limits = None,
    yes: Yes = False,
) -> None:
    """Close the line's end during delivery: time to the alarm, and the volume released when it is opened."""
    from pumpctl.bench import procedures

    def run(on: stand.Stand, density_g_ml: float) -> procedures.Findings:
        return procedures.occlusion(on, density_g_ml, _SETTLING_MS, console.say)

    _procedure(chosen, "occlusion", rate, balance, session, limits, yes, note, run)


@options.sharing("port", "as_json")
def bolus(
    chosen: Options,
    volume: Annotated[str, typer.Argument(help="Volume of each, such as 20uL.")],
    count: Annotated[int, typer.Option("--count", min=1, max=20, help="How many.")] = 3,
    rate: Rate = "1",
    balance: showing.Balance = None,
    note: Note = "",
    session: Session = None,
    limits: showing.Limits = None,
    yes: Yes = False,
) -> None:
    """Give boluses and weigh each, without the basal delivery."""
    from pumpctl.bench import procedures

    volume_nl = units.volume_nl(volume)

    def run(on: stand.Stand, density_g_ml: float) -> procedures.Findings:
        return procedures.boluses(on, density_g_ml, volume_nl, count, console.say)

    _procedure(chosen, "bolus", rate, balance, session, limits, yes, note, run)


@options.sharing("port", "as_json")
def free_flow(
    chosen: Options,
    height: Height = 50,
    minutes: Minutes = 30,
    balance: showing.Balance = None,
    note: Note = "",
    session: Session = None,
    limits: showing.Limits = None,
    yes: Yes = False,
) -> None:
    """Weigh what passes the stopped pump with the line's end below and above it (siphon)."""
    from pumpctl.bench import procedures

    def run(on: stand.Stand, density_g_ml: float) -> procedures.Findings:
        on.pump.stop()
        return procedures.free_flow(on, density_g_ml, height, minutes * procedures.MINUTE_MS, console.say)

    _procedure(chosen, "free-flow", "1", balance, session, limits, yes, note, run)


def _weighing(
    chosen: Options,
    kind: str,
    rate: str,
    balance: str | None,
    session: Path | None,
    limits: Path | None,
    yes: bool,
    temperature: float,
    evaporation: float,
    note: str,
    **given: Any,
) -> None:
    from pumpctl.bench import weighing
    from pumpctl.measurement import limits as limit_files, result

    wanted = limit_files.read(limits) if limits else {}
    conditions = result.Conditions(
        units.rate_ul_day(rate), kind, temperature_c=temperature, evaporation_ug_h=evaporation, note=note, **given
    )
    conditions.plan()  # refuses what can't be before anything moves
    agree = confirm.agreement(yes, chosen.as_json)
    with stand_of(chosen, balance) as on, recording(on, session, conditions) as kept:
        began_ms = begin(on, kept, agree)
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
        found = result.of_weights(kept.path.stem, kept.weights, kept.conditions, wanted)
        kept.end({"figures": found.figures})
    _tell(chosen, kept.path, [found])


def _procedure(
    chosen: Options,
    kind: str,
    rate: str,
    balance: str | None,
    session: Path | None,
    limits: Path | None,
    yes: bool,
    note: str,
    run: _Procedure,
) -> None:
    from pumpctl.measurement import limits as limit_files, result

    wanted = limit_files.read(limits) if limits else {}
    conditions = result.Conditions(units.rate_ul_day(rate), kind, note=note)
    agree = confirm.agreement(yes, chosen.as_json)
    with stand_of(chosen, balance) as on, recording(on, session, conditions) as kept:
        begin(on, kept, agree)
        found = run(on, kept.conditions.weighed_g_ml)
        kept.end({"figures": found.figures, "columns": found.columns, "table": found.table})
    shown = result.Result(
        kept.path.stem,
        kept.conditions,
        found.figures,
        columns=found.columns,
        table=found.table,
        verdicts=limit_files.verdicts(found.figures, wanted),
    )
    _tell(chosen, kept.path, [shown])


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


def begin(on: stand.Stand, kept: measurements.Record, agree: Agree, rest_ms: int = 0) -> int:
    """Start delivery unless the run goes on, after a rest; return the stand's time at which the run began."""
    status, rate_ul_day = on.pump.status(), kept.conditions.rate_ul_day
    if status.state_name != "infusing":
        on.prepare(rate_ul_day, agree)
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
