"""What Tab offers as values: names from the definitions, ports, sessions; nothing here asks a pump."""

from __future__ import annotations

from collections.abc import Iterable


def keys(incomplete: str) -> list[str]:
    """Return the keys of the configuration file."""
    from pumpctl import configuration

    return _beginning(configuration.KEYS, incomplete)


def ports(incomplete: str) -> list[str]:
    """Return the serial ports, what runs on this computer, and the ports that start a pump."""
    from pumpctl import ports as serial_ports, running

    there = [pump.line or pump.device for entry in running.entries() for pump in entry.pumps]
    listed = [port.device for port in serial_ports.listed()]
    return _beginning([*there, *listed, serial_ports.SIMULATED, serial_ports.EMULATED], incomplete)


def params(incomplete: str) -> list[str]:
    """Return the names of the parameters."""
    from pumpctl import defs

    return _beginning([entry.name for entry in defs.PARAMS.values()], incomplete)


def alarms(incomplete: str) -> list[str]:
    """Return the names of the alarms."""
    from pumpctl import defs

    return _beginning([entry.name for entry in defs.ALARMS.values()], incomplete)


def states(incomplete: str) -> list[str]:
    """Return the names of the states."""
    from pumpctl import defs

    return _beginning([entry.name for entry in defs.STATES.values()], incomplete)


def profiles(incomplete: str) -> list[str]:
    """Return the profiles of a plan."""
    from pumpctl import defs

    return _beginning(defs.PROFILE_NAMES, incomplete)


def fluids(incomplete: str) -> list[str]:
    """Return the fluids of a plan."""
    from pumpctl import defs

    return _beginning(defs.FLUID_NAMES[1:], incomplete)


def purposes(incomplete: str) -> list[str]:
    """Return the purposes of a prime."""
    from pumpctl import defs

    return _beginning(defs.PURPOSE_NAMES, incomplete)


def overrides(incomplete: str) -> list[str]:
    """Return the soft limits that can be exceeded."""
    from pumpctl import defs

    return _beginning(defs.OVERRIDE_NAMES[1:], incomplete)


def sessions(incomplete: str) -> list[str]:
    """Return the names of the recorded sessions."""
    from pumpctl.session import store

    return _beginning(["last", *(path.stem for path in sorted(store.folder().glob(f"*{store.SUFFIX}")))], incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
