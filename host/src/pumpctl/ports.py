"""Chooses the port: the option, PUMP_PORT, the configuration file, or the one Pico that is plugged in."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from pumpctl import configuration, errors, running
from pumpctl.frozen import frozen
from pumpctl.protocol import transport

PICO_USB_ID = (0x2E8A, 0x0005)
SIMULATED = "sim:"
EMULATED = "emulated:"


@frozen
class Port:
    """A serial port of this computer."""

    device: str
    description: str
    usb_id: str
    serial_number: str
    pico: bool
    location: str = ""  # of the USB socket, such as 1-1.2


def listed() -> list[Port]:
    """Return the serial ports of this computer, Picos first; ports without hardware are left out."""
    from serial.tools import list_ports  # here, as a port that is named needs no list

    found = []
    for info in list_ports.comports():
        usb_id = "" if info.vid is None else f"{info.vid:04X}:{info.pid:04X}"
        if not usb_id and info.hwid == "n/a":
            continue
        pico = (info.vid, info.pid) == PICO_USB_ID
        place = (getattr(info, "location", None) or "").partition(":")[0]
        found.append(Port(info.device, info.description or "", usb_id, info.serial_number or "", pico, place))
    return sorted(found, key=lambda port: (not port.pico, port.device))


def named(name: str, find: Callable[[], list[Port]] = listed) -> Port | None:
    """Return the port with this name, which may be a link to it; None when it is not in the list."""
    real = os.path.realpath(name)
    return next((port for port in find() if name == port.device or real == os.path.realpath(port.device)), None)


def with_serial_number(number: str, find: Callable[[], list[Port]] = listed) -> Port | None:
    """Return the port of the device with this USB serial number, None without one."""
    return next((port for port in find() if number and port.serial_number.casefold() == number.casefold()), None)


def named_by_user(given: str | None, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the port of the option, of PUMP_PORT or of the configuration file, None without one; BadConfiguration."""
    return given or environment.get("PUMP_PORT") or configured(environment)


def choose(
    given: str | None,
    environment: Mapping[str, str] = os.environ,
    find: Callable[[], list[Port]] = listed,
) -> str:
    """Return the port to use; raises NoPump when there is none or more than one, BadConfiguration."""
    chosen = named_by_user(given, environment)
    if chosen:
        return chosen
    picos = [port.device for port in find() if port.pico]
    if len(picos) == 1:
        return picos[0]
    if picos:
        raise errors.NoPump(f"Several Picos are plugged in ({', '.join(picos)}); choose one with --port.")
    raise errors.NoPump("No pump was found; plug one in, name its port with --port, or try `--port sim:`.")


def configured(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return `port` of the configuration file, None without one; raises BadConfiguration."""
    port = configuration.read(environment).get("port")
    return None if port is None else str(port)


def starts_a_pump(port: str) -> bool:
    """Return whether opening this port starts a pump, which ends with the link."""
    return port.startswith((SIMULATED, EMULATED))


def opened(port: str) -> transport.Transport:
    """Open a port by its name.

    `sim:` and `sim:speed=60,seed=3` start a simulated pump, `emulated:` the release image in an emulated Pico; they end
    with the link. A link to a pump that another program of this user has started paired gets the key from there.
    """
    for scheme in (SIMULATED, EMULATED):
        if port.startswith(scheme):
            from pumpctl import sim  # here, as most ports are real ones

            return sim.SimulatedPort(sim.options_of(port.removeprefix(scheme), scheme == EMULATED))
    key = running.key_at(port)
    if key is None:
        return transport.SerialTransport(port)
    from pumpctl.protocol import session  # here, as most pumps are real ones

    return transport.SerialTransport(port, session.preloaded(key))
