"""The verbs that show a pump once: its versions, its state, its doses."""

from __future__ import annotations

from dataclasses import asdict

from pumpctl import __version__
from pumpctl.cli import options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console, describe


@options.shared_options
def info(chosen: Options) -> None:
    """Show versions and board, and whether they match this program."""
    with options.connected(chosen) as pump:
        hello = pump.hello
    if chosen.as_json:
        console.put_json({**asdict(hello), "foreign": hello.foreign, "host_version": __version__})
        return
    match = "differ from this program's" if hello.foreign else "match this program"
    console.put_pairs(
        [
            ("board", hello.board),
            ("unique id", hello.unique_id or "not known"),
            ("firmware", hello.version),
            ("image", hello.image),
            ("protocol", str(hello.protocol)),
            ("definitions", f"{hello.digest}, {match}"),
            ("pumpctl", __version__),
            ("commanded by", "paired hosts only (`keys` lists them)" if hello.keyed else "anybody"),
        ]
    )


@options.shared_options
def status(chosen: Options) -> None:
    """Show state, rate, volumes, refill date, pressure and alarm."""
    with options.connected(chosen) as pump:
        now = pump.status()
        if chosen.as_json:
            console.put_json(describe.status_json(now))
        else:
            console.put_pairs(describe.status_pairs(now, pump.dose()))


@options.shared_options
def dose(chosen: Options) -> None:
    """Show recent doses, the boluses left, the fluid at the catheter tip, and the refill date."""
    with options.connected(chosen) as pump:
        given = pump.dose()
        if chosen.as_json:
            console.put_json(asdict(given))
        else:
            console.put_pairs(describe.dose_pairs(pump.status(), given))
