"""`pumpctl ports`: the serial ports of this computer."""

from __future__ import annotations

from dataclasses import asdict

from pumpctl import ports
from pumpctl.cli import options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console


@options.sharing("as_json")
def list_ports(chosen: Options) -> None:
    """List the serial ports of this computer, Picos first."""
    found = ports.listed()
    if chosen.as_json:
        console.put_json([asdict(port) for port in found])
    elif found:
        rows = [(p.device, p.usb_id, p.serial_number, p.description, "Pico" if p.pico else "") for p in found]
        console.put_rows(("port", "usb id", "serial number", "description", "kind"), rows)
    else:
        console.say("No serial ports were found; plug in a pump, or use `--port sim:`.")
