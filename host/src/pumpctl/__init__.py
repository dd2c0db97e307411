"""Host side of the very-low-flow pump controller: wire format, link, pump, simulated pump, command line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pumpctl.errors import PumpError
    from pumpctl.pump import Pump
    from pumpctl.sim import Simulation

__all__ = ["Pump", "PumpError", "Simulation"]
__version__ = "0.1.0"

_MODULES = {"Pump": "pumpctl.pump", "PumpError": "pumpctl.errors", "Simulation": "pumpctl.sim"}


def __getattr__(name: str) -> Any:
    """Import one of the exported classes when it is first used, so that importing a single module stays fast."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
