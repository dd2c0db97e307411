"""`pumpctl ports`: the serial ports of this computer, and the services and simulated pumps that run on it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pumpctl import ports, running
from pumpctl.cli import options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console


@options.sharing("as_json")
def list_ports(chosen: Options) -> None:
    """List the serial ports of this computer, Picos first, and the simulated pumps and services that run on it."""
    found = [*map(_serial, ports.listed()), *_running()]
    if chosen.as_json:
        console.put_json(found)
    elif found:
        columns = ("port", "kind", "usb id", "serial number", "description")
        console.put_rows(columns, [[row.get(name.replace(" ", "_"), "") for name in columns] for row in found])
    else:
        console.say("No serial ports were found; plug in a pump, or use `--port sim:`.")


def _serial(port: ports.Port) -> dict[str, Any]:
    return {"port": port.device, "kind": "Pico" if port.pico else "serial", **asdict(port)}


def _running() -> list[dict[str, Any]]:
    """Return what other programs of this user run: a pump of a service is reached through the service's line port."""
    rows = []
    for entry in running.entries():
        for pump in entry.pumps:
            kind = "served" if entry.url else "simulated"
            what = f"{pump.port} of the service at {entry.url}" if entry.url else f"simulated pump {pump.port}"
            row = {"port": pump.line or pump.device, "kind": kind, "device": pump.device, "pid": entry.pid}
            rows.append({**row, "url": entry.url, "description": f"{what}, pid {entry.pid}"})
    return rows
