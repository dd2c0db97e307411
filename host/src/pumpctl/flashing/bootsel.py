"""The USB volume of a Pico in BOOTSEL mode: find it, check it, write an image to it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pumpctl import errors
from pumpctl.flashing import uf2
from pumpctl.frozen import frozen

INFO = "INFO_UF2.TXT"
_LABELS = ("RPI-RP2", "RP2350")
_POLL_S = 0.25
_CHUNK_BYTES = 64 * 1024
_ROM_SERIAL_NUMBER = "E0C9125B0D9B"  # of the boot loader of every RP2040
_MOUNTS = Path("/proc/self/mounts")


@frozen
class Volume:
    """A mounted volume with the boot loader's Board-ID, and the unique id and USB socket where they are known."""

    path: Path
    board_id: str
    unique_id: str = ""
    location: str = ""


def mounts(environment: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Yield the folders where a volume may be mounted on this system."""
    if sys.platform == "darwin":
        yield from Path("/Volumes").glob("*")
    elif sys.platform == "win32":
        yield from (Path(f"{letter}:\\") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ")
    else:
        yield from (folder for _, folder in _mounted())


def _mounted() -> Iterator[tuple[str, Path]]:
    """Yield the devices with a file system that a boot loader may have, and where they are mounted."""
    try:
        table = _MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in table.splitlines():
        words = line.split()
        if len(words) > 2 and words[2] in ("vfat", "msdos", "exfat"):
            yield words[0], Path(words[1].replace("\\040", " "))


def usb_of(folder: Path, system: Path = Path("/sys")) -> tuple[str, str]:
    """Return unique id and USB socket of the board with this volume, empty where the system doesn't tell them."""
    block = next((device for device, mounted in _mounted() if mounted == folder), "")
    if not block:
        return "", ""
    place = (system / "class" / "block" / Path(block).name).resolve()
    for parent in place.parents:
        if (parent / "idVendor").is_file():
            try:
                number = (parent / "serial").read_text(encoding="ascii", errors="replace").strip()
            except OSError:
                number = ""
            return "" if number == _ROM_SERIAL_NUMBER else number, parent.name
    return "", ""


def volumes(folders: Callable[[], Iterator[Path]] = mounts) -> list[Volume]:
    """Return the volumes of boards in BOOTSEL mode."""
    found = (opened(folder) for folder in folders())
    return sorted((volume for volume in found if volume), key=lambda volume: volume.path)


def opened(folder: Path) -> Volume | None:
    """Return the folder as a volume, None without the boot loader's information file."""
    try:
        text = (folder / INFO).read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return Volume(folder, fields.get("Board-ID", "").strip(), *usb_of(folder))


def unmounted() -> str | None:
    """Return the device of a board in BOOTSEL mode that is not mounted, None without one."""
    for label in _LABELS:
        device = Path("/dev/disk/by-label") / label
        if device.exists():
            return str(device)
    return None


def wait_for(timeout_s: float, find: Callable[[], list[Volume]] = volumes) -> Volume:
    """Return the volume as soon as there is one; raises NoVolume after `timeout_s`, or for more than one."""
    until_s = time.monotonic() + timeout_s
    while True:
        found = find()
        if len(found) > 1:
            names = ", ".join(str(volume.path) for volume in found)
            raise errors.NoVolume(f"Several boards are in BOOTSEL mode ({names}); choose one with --volume.")
        if found:
            return found[0]
        if time.monotonic() >= until_s:
            break
        time.sleep(_POLL_S)
    device = unmounted()
    if device:
        raise errors.NoVolume(f"The board's volume is not mounted; type `udisksctl mount -b {device}` and try again.")
    raise errors.NoVolume("No board in BOOTSEL mode was found; hold BOOTSEL while you plug it in, and try again.")


def check(volume: Volume, image: uf2.Image) -> None:
    """Check that the image is for this board and fits; raises WrongBoard or VolumeUnfit."""
    if volume.board_id != image.board_id:
        raise errors.WrongBoard(
            f"{image.path.name} is for a board with the {image.chip} ({image.board_id}), but the board at "
            f"{volume.path} is {volume.board_id or 'unknown'}; nothing was written."
        )
    try:
        free_bytes = shutil.disk_usage(volume.path).free
    except OSError as error:
        raise errors.VolumeUnfit(volume.path, f"is not readable ({error.strerror})") from error
    if free_bytes < len(image.data):
        raise errors.VolumeUnfit(volume.path, f"has {free_bytes} bytes free, but the image has {len(image.data)}")


def write(volume: Volume, image: uf2.Image) -> None:
    """Copy the image; the board then starts it, and the volume disappears. Raises VolumeUnfit."""
    written = 0
    target = volume.path / image.path.name
    try:
        with target.open("wb", buffering=0) as file:
            while written < len(image.data):
                written += file.write(image.data[written : written + _CHUNK_BYTES]) or 0
            os.fsync(file.fileno())
    except OSError as error:
        if written == len(image.data) and opened(volume.path) is None:
            return  # all was written; the board restarted before the file was closed
        raise errors.VolumeUnfit(
            volume.path, f"accepted only {written} of {len(image.data)} bytes ({error.strerror or error})"
        ) from error


def wait_gone(volume: Volume, timeout_s: float) -> None:
    """Wait until the volume disappears, as it does when the board starts the image; raises VolumeUnfit."""
    until_s = time.monotonic() + timeout_s
    while opened(volume.path) is not None:
        if time.monotonic() >= until_s:
            raise errors.VolumeUnfit(volume.path, "accepted the image, but the board did not start it")
        time.sleep(_POLL_S)
