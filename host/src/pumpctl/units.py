"""Amounts as text: decimal text to whole numbers and back, never through a float."""

from __future__ import annotations

import re

from pumpctl import errors
from pumpctl.frozen import frozen

_DECIMAL = re.compile(r"([0-9]{1,9})(?:[.]([0-9]{1,9}))?")
_NUMBER_AND_UNIT = re.compile(r"\s*([0-9.]+)\s*([A-Za-z\xb5\u03bc]*)(?:/(?:day|d))?\s*")
_NUMBER_AND_TIME = re.compile(r"\s*([0-9.]+)\s*(s|min|h|d|)\s*")
_SECONDS_OF_UNIT = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_MICRO = {0xB5: "u", 0x3BC: "u"}  # the micro sign and the Greek letter
_UNIT_NAMES = {"ml": "mL", "ul": "µL", "nl": "nL"}
_NL_OF_UNIT = {"": 1_000_000, "ml": 1_000_000, "ul": 1_000, "nl": 1}


def rate_ul_day(text: str) -> int:
    """Return the rate in uL/day of a text such as `1`, `1.5`, `1.5mL`, `1000uL`; a number alone is mL/day.

    Raises BadAmount when the text is not an amount or has a fraction of 1 uL/day.
    """
    nl_day = volume_nl(text, "rate")
    if nl_day % 1000:
        raise errors.BadAmount(f"The rate {text} has a fraction of 1 uL/day; use at most three decimals of a mL.")
    return nl_day // 1000


def volume_nl(text: str, what: str = "volume") -> int:
    """Return the volume in nL of a text such as `16`, `0.5mL`, `250uL`, `20000nL`; a number alone is mL."""
    parts = _NUMBER_AND_UNIT.fullmatch(text)
    nl = _NL_OF_UNIT.get(parts[2].lower().translate(_MICRO)) if parts else None
    if parts is None or nl is None:
        raise errors.BadAmount(f"The {what} {text!r} can't be read; write it as 1.5 (mL) or 1500uL.")
    return scaled(parts[1], nl, what)


def hours_of_days(text: str) -> int:
    """Return the whole hours in a decimal number of days, such as `14` or `0.5`; raises BadAmount."""
    return scaled(text, 24, "number of days")


def seconds(text: str) -> int:
    """Return the seconds of a text such as `90s`, `30min`, `6h`, `2d`; a number alone is seconds; raises BadAmount."""
    parts = _NUMBER_AND_TIME.fullmatch(text)
    if parts is None:
        raise errors.BadAmount(f"The time {text!r} can't be read; write it as 90s, 30min, 6h or 2d.")
    return scaled(parts[1], _SECONDS_OF_UNIT[parts[2] or "s"], "time")


def scaled(text: str, scale: int, what: str) -> int:
    """Return decimal text times `scale`; raises BadAmount for other text, TooFine if the product isn't whole."""
    parts = _DECIMAL.fullmatch(text.strip())
    if parts is None:
        raise errors.BadAmount(f"The {what} {text!r} is not a decimal number; write it as 1 or 1.5.")
    decimals = parts[2] or ""
    product, rest = divmod(int(parts[1] + decimals) * scale, int("1" + "0" * len(decimals)))
    if rest:
        raise errors.TooFine(f"The {what} {text} is finer than the pump's resolution; use fewer decimals.")
    return product


def ml(nl: int, decimals: int = 3) -> str:
    """Return nanolitres as text in mL, rounded half up, with up to six decimals."""
    unit = 10 ** (6 - decimals)
    whole, rest = divmod((abs(nl) + unit // 2) // unit, 10**decimals)
    sign = "-" if nl < 0 and (whole or rest) else ""
    return f"{sign}{whole}.{rest:0{decimals}d} mL" if decimals else f"{sign}{whole} mL"


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is 1; a noun in -y or -s gets -ies or -es."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x")):
        return f"{number} {noun}es"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def unit_of(text: str) -> str:
    """Return the unit that a volume or a rate was typed in: mL, µL or nL; mL for a number alone or another text."""
    parts = _NUMBER_AND_UNIT.fullmatch(text)
    return _UNIT_NAMES.get(parts[2].lower().translate(_MICRO), "mL") if parts else "mL"


def exact(nl: int, unit: str) -> str:
    """Return nanolitres as text in mL, µL or nL, exact: 50000 nL is 0.05 mL or 50 µL."""
    places = {"nL": 0, "µL": 3, "mL": 6}[unit]
    whole, rest = divmod(abs(nl), 10**places)
    decimals = f".{rest:0{places}}".rstrip("0") if rest else ""
    return f"{'-' if nl < 0 else ''}{whole}{decimals} {unit}"


@frozen
class Amounts:
    """Volumes and rates as text in the unit that a user has typed, or, without one, in the usual units."""

    unit: str = ""

    def ml(self, nl: int) -> str:
        """Return a volume, usually in mL."""
        return exact(nl, self.unit) if self.unit else ml(nl)

    def volume(self, nl: int) -> str:
        """Return a volume, usually in mL, or in µL below 1 mL."""
        return exact(nl, self.unit) if self.unit else volume(nl)

    def rate(self, ul_day: int) -> str:
        """Return a rate, usually in mL/day."""
        return f"{exact(ul_day * 1000, self.unit)}/day" if self.unit else rate(ul_day)


def rate(ul_day: int) -> str:
    """Return a rate in uL/day as text in mL/day."""
    return f"{ml(ul_day * 1000)}/day"


def kpa(pa: int) -> str:
    """Return a pressure in Pa as text in kPa with one decimal."""
    tenths = (abs(pa) + 50) // 100
    sign = "-" if pa < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10} kPa"


def duration(seconds: int) -> str:
    """Return seconds as text in the two largest units that are not 0: `13 d 4 h`, `6 min`, `42 s`."""
    words: list[str] = []
    for unit, length_s in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, length_s)
        if count or (unit == "s" and not words):
            words.append(f"{count} {unit}")
        elif words:
            break
    return " ".join(words[:2])


def volume(nl: int) -> str:
    """Return nanolitres as text in mL, or in microlitres below 1 mL."""
    if abs(nl) >= 1_000_000:
        return ml(nl)
    whole, rest = divmod(abs(nl), 1000)
    return f"{'-' if nl < 0 else ''}{whole}{f'.{rest:03}'.rstrip('0') if rest else ''} µL"
