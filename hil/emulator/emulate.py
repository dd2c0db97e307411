"""Starts an emulated Pico in wall time and prints its serial port, for pumpctl, mpremote or a terminal; Ctrl-C ends it.

python hil/emulator/emulate.py [--image FILE] [--unpaired] [options of main.js]

This user's programs find the key of the pump; with `--unpaired` it has none, or those in the file of `--flash`. Actions
on its world are typed at the prompt, or sent from another terminal by `pumpctl world`.
"""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import tty
from pathlib import Path
from typing import Self

from pumpctl import errors, sim
from pumpctl.cli import sim as prompt

HERE = Path(__file__).resolve().parent
_IMAGE = HERE.parents[1] / "build" / "firmware" / "rpi_pico" / "pump-release.uf2"


class Emulated:
    """A running emulator; `port` is the path of its serial port."""

    def __init__(self, image: Path, options: list[str]) -> None:
        """Starts it. Raises FileNotFoundError when there is no image or no Node.js."""
        if not image.is_file():
            raise FileNotFoundError(f"There is no image at {image}; run `make firmware`.")
        node = shutil.which("node")
        if node is None:
            raise FileNotFoundError("Node.js is not installed; run `make emulator`.")
        device, self._client = pty.openpty()
        tty.setraw(self._client)
        os.set_blocking(device, False)
        self.port = os.ttyname(self._client)
        wall = ["--time", "wall", "--link-fd", str(device)]
        self.process = subprocess.Popen(
            [node, str(HERE / "main.js"), "--image", str(image), *wall, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(device,),
            env={**os.environ, "PUMP_PYTHON": sys.executable},
        )
        os.close(device)

    def close(self) -> None:
        """Ends it, after it has saved the flash if `--flash` names a file."""
        self.process.communicate()
        os.close(self._client)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def main() -> int:
    try:
        return _run(sys.argv[1:])
    except KeyboardInterrupt:  # at any time, also while it starts or ends
        return 0


def _run(options: list[str]) -> int:
    paired = "--unpaired" not in options
    options = [option for option in options if option != "--unpaired"]
    image = Path(_taken(options, "--image", str(_IMAGE)))
    speed, seed = int(_taken(options, "--speed", "1")), int(_taken(options, "--seed", "1"))
    try:
        with sim.Simulation(
            seed, {}, "wall", speed, emulated=True, image=image, options=options, paired=paired
        ) as world:
            prompt.run(world, "emulated:", as_json=False)
    except errors.PumpError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    return 0


def _taken(options: list[str], name: str, otherwise: str) -> str:
    """The value of an option, which is taken out of the list."""
    if name not in options:
        return otherwise
    at = options.index(name)
    value = options[at + 1]
    del options[at : at + 2]
    return value


if __name__ == "__main__":
    sys.exit(main())
