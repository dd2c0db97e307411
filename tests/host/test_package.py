"""What `import pumpctl` gives: three classes, loaded only when they are used."""

from __future__ import annotations

import subprocess
import sys

import pumpctl
import pytest
from pumpctl import errors, pump, sim


def test_the_package_exports_its_main_classes() -> None:
    assert (pumpctl.Pump, pumpctl.Simulation, pumpctl.PumpError) == (pump.Pump, sim.Simulation, errors.PumpError)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = pumpctl.Nothing


def test_importing_one_module_loads_no_other() -> None:
    program = "import sys; from pumpctl import defs; print(sorted(name for name in sys.modules if 'pumpctl' in name))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pumpctl', 'pumpctl.defs']"
