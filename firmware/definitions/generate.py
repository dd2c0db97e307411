"""Generates from the tables: defs.py, defs.js, the flash layout, REFERENCE.md, docs/states.svg and states.md.

    python3 firmware/definitions/generate.py            writes the files
    python3 firmware/definitions/generate.py --check    compares them, exit code 1 when one is stale

The tables are checked first: numbers and names used once, every entry with a text, every alarm with an action, every
name referred to defined. The digest covers all that changes the meaning of a message and leaves texts out: a host and a
pump with the same digest understand each other.
"""

from __future__ import annotations

import sys
from pathlib import Path

import flash_layout
import render_firmware
import render_host
import render_page
import render_reference
import render_states
import render_states_page
import tables

ROOT = tables.HERE.parent.parent
TARGETS = {
    "firmware/pump/defs.py": render_firmware.render,
    "host/src/pumpctl/defs.py": render_host.render,
    "host/src/pumpctl/service/web/defs.js": render_page.render,
    "firmware/definitions/REFERENCE.md": render_reference.render,
    "docs/states.svg": render_states.render,
    "docs/states.md": render_states_page.render,
}


def render(root: Path) -> dict[str, str]:
    """The text of each file that is generated, wholly or in a block of its lines; DefinitionError for a bad table."""
    definitions = tables.load(root / "firmware" / "definitions")
    texts = {name: write(definitions) for name, write in TARGETS.items()}
    layout = flash_layout.load(root / "firmware" / "definitions")
    texts |= {name: write(layout) for name, write in flash_layout.TARGETS.items()}
    for name, lines in flash_layout.BLOCKS.items():
        texts[name] = flash_layout.render_block((root / name).read_text(), lines(layout), name)
    return texts


def main(arguments: list[str], root: Path = ROOT) -> int:
    try:
        texts = render(root)
    except tables.DefinitionError as error:
        print(f"definitions: {error}", file=sys.stderr)
        return 1
    stale = [name for name, text in texts.items() if not (root / name).exists() or (root / name).read_text() != text]
    if "--check" in arguments:
        for name in stale:
            print(f"{name} is stale: run `make gen` and commit it", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (root / name).write_text(texts[name])
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
