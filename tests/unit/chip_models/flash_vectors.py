"""Flash images of tests/vectors/flash_before_move.json, and what the firmware that wrote them answered.

    vector = flash_vectors.load("infusing")
    pump = flash_vectors.pump(vector)        a pump of the present firmware, reset with this flash
    flash_vectors.answers(pump, "therapy")   the answer without its id, or all pages of `log` and `params`
"""

import binascii
import io
import json

import journal_store
import pump_rig
from pump import defs

NAMES = ("infusing", "stopped")
_FILE = "tests/vectors/flash_before_move.json"
_MEASURED = ("level_nl", "supply_mv")  # depend on when the sensors were read, not on the flash
_IN_PAGES = ("params", "log")


def load(name):
    """One image with its expected answers; the file explains the fields under "made"."""
    with open(_FILE) as file:
        return json.load(file)[name]


def image(vector):
    """The content of the flash."""
    packed = binascii.a2b_base64(vector["image"])
    try:
        import zlib
    except ImportError:  # MicroPython has the function under another name
        import deflate

        return deflate.DeflateIO(io.BytesIO(packed), deflate.ZLIB).read()
    return zlib.decompress(packed)


def pump(vector):
    """A pump with this flash after its reset, with as much fluid in its reservoir as there was.

    The firmware of that time had no alarm for a delivery that a reset has ended, so this one is left out.
    """
    store = journal_store.Flash()
    store.data[:] = image(vector)
    after = pump_rig.Pump(store=store)
    after.board.level.full_nl = vector["level_nl"]
    after.app.conditions.note(defs.NOTE_DELIVERY_STOPPED, False)
    after.run(100)
    return after


def answers(pump, command):
    """What the pump answers to a command without fields."""
    if command not in _IN_PAGES:
        return pump.do(command)
    rows = []
    first = 0
    while first is not None:
        answer = pump.do(command, first=first)
        rows += answer["rows"]
        first = answer["next"]
    return rows


def compare(pump, expected):
    """Asserts that the answers have the same values as those of the earlier firmware."""
    for command, then in expected.items():
        now = answers(pump, command)
        if command in _IN_PAGES:
            assert now == then, (command, now)
            continue
        for name, value in then.items():
            if name in _MEASURED:
                continue
            assert now[name] == value, (command, name, now[name], value)
