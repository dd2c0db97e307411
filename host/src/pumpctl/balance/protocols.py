"""What balances are asked, and how their answers are read. Masses are whole micrograms.

A Sartorius balance leaves the unit out while the weight moves; it is that of its last stable answer then.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from pumpctl import errors
from pumpctl.frozen import frozen

_UG_OF_UNIT = {"kg": 1_000_000_000, "g": 1_000_000, "mg": 1_000}


@frozen
class Reading:
    """What a balance shows; `stable` as the balance says it. `unit` is the one it was shown in."""

    mass_ug: int
    stable: bool
    unit: str


@frozen
class Protocol:
    """The bytes for "show the weight now", "tare" and "zero", the reader of an answer, and the usual port settings.

    `parse` gets a line and the unit of the last answer (empty at first). It returns None for a line that is no weight,
    and raises BalanceUnfit for one that says why there is none.
    """

    name: str
    maker: str
    show: bytes
    tare: bytes
    zero: bytes
    parse: Callable[[str, str], Reading | None]
    settings: tuple[tuple[int, str], ...]  # baud and frame, the usual one first


def _reading(number: str, unit: str, stable: bool) -> Reading:
    if unit not in _UG_OF_UNIT:
        shown = f"in {unit!r}" if unit else "without a unit"
        raise errors.BalanceUnfit("unit", f"The balance shows the weight {shown}; set it to g or mg.")
    return Reading(round(Decimal(number.replace(" ", "")) * _UG_OF_UNIT[unit]), stable, unit)


def _out_of_range(over: bool) -> errors.BalanceUnfit:
    what = "more than it can weigh" if over else "less than nothing: its pan is off, or it needs a zero"
    return errors.BalanceUnfit("overload" if over else "underload", f"The balance carries {what}.")


_MT_WEIGHT = re.compile(r"S ([SD])\s+(-?[0-9]+(?:[.][0-9]+)?)\s*([A-Za-z]*)")
_NUMBER = r"([+-]?\s*[0-9]+(?:[.][0-9]+)?)"
_SBI_WEIGHT = re.compile(rf"(?:[A-Za-z#][A-Za-z0-9#]*)?\s*{_NUMBER}\s*([A-Za-z]*)\s*")
_OHAUS_WEIGHT = re.compile(rf"\s*{_NUMBER}\s*([A-Za-z]+)?\s*(\?)?\s*(?:NET|N|G|B|PT|T)?\s*")


def parse_mt_sics(line: str, _unit: str) -> Reading | None:
    """Read `S S     100.00 g` (stable), `S D` (moving), `S +`, `S -`, `S I` (busy)."""
    if line in ("S +", "S -"):
        raise _out_of_range(line == "S +")
    found = _MT_WEIGHT.fullmatch(line.strip())
    return _reading(found[2], found[3], found[1] == "S") if found else None


def parse_sbi(line: str, unit: str) -> Reading | None:
    """Read a line of 16 characters, or of 22 with a name before it; `High` and `Low` are out of range."""
    text = line.strip()
    words = text.split()
    if words and words[-1] in ("High", "Low", "H", "L"):
        raise _out_of_range(words[-1].startswith("H"))
    if len(line) not in (14, 16, 20, 22):  # with or without CR LF
        return None
    found = _SBI_WEIGHT.fullmatch(text)
    return _reading(found[1], found[2] or unit, bool(found[2])) if found else None


def parse_ohaus(line: str, unit: str) -> Reading | None:
    """Read `    100.00 g`, with `?` after the unit while it moves."""
    text = line.strip()
    if text.startswith("Err") or text in ("HI", "LO", "------", "______"):
        raise _out_of_range(text not in ("LO", "______"))
    found = _OHAUS_WEIGHT.fullmatch(text)
    return _reading(found[1], found[2] or unit, found[3] is None) if found and (found[2] or unit) else None


PROTOCOLS = {
    "mt-sics": Protocol("mt-sics", "Mettler Toledo", b"SI\r\n", b"T\r\n", b"Z\r\n", parse_mt_sics, ((9600, "8N1"),)),
    "sbi": Protocol(
        "sbi", "Sartorius", b"\x1bP\r\n", b"\x1bU\r\n", b"\x1bV\r\n", parse_sbi, ((9600, "8N1"), (1200, "7O1"))
    ),
    "ohaus": Protocol("ohaus", "Ohaus", b"IP\r\n", b"T\r\n", b"Z\r\n", parse_ohaus, ((9600, "8N1"), (2400, "7N2"))),
}
