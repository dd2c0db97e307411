"""Writes firmware/files.json, the files that `make deploy` can replace; --check only compares it."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Files that are first imported after the file system is mounted; the board's other files are frozen into the image.
_BOARD_FILES = ("board.py",)
_HASH_DIGITS = 8


def version(root: Path = ROOT) -> str:
    """The firmware's version, as in the answer to `hello`."""
    path = root / "firmware" / "pump" / "version.py"
    found = re.search(r'^VERSION = "(.+)"', path.read_text(), re.M)
    if not found:
        raise ValueError(f'{path} has no line VERSION = "...". Add it.')
    return found[1]


def hashes(root: Path = ROOT) -> str:
    """The files of firmware/files.json with a hash of each, as JSON; pumpctl.flashing.deploy makes the same hashes."""
    listed = json.loads(text(root))["urls"]
    found = {name: hashlib.sha256((root / path).read_bytes()).hexdigest()[:_HASH_DIGITS] for name, path in listed}
    return json.dumps(found, separators=(",", ":"))


def text(root: Path = ROOT) -> str:
    """The content that firmware/files.json should have."""
    firmware = root / "firmware"
    sources = [path for part in ("drivers", "pump") for path in sorted((firmware / part).rglob("*.py"))]
    urls = [[path.relative_to(firmware).as_posix(), path.relative_to(root).as_posix()] for path in sources]
    urls += [[name, f"boards/rpi_pico/{name}"] for name in _BOARD_FILES]
    rows = ",\n".join(f"  {json.dumps(row)}" for row in urls)
    return f'{{\n "version": {json.dumps(version(root))},\n "deps": [],\n "urls": [\n{rows}\n ]\n}}\n'


def main() -> int:
    path = ROOT / "firmware" / "files.json"
    if "--check" not in sys.argv:
        path.write_text(text())
    elif not path.is_file() or path.read_text() != text():
        print("firmware/files.json is out of date; run: make gen", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
