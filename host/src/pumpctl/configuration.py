"""The configuration file of a user: which keys it may have, reading it, changing one key."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from pumpctl import errors
from pumpctl.frozen import frozen

Value = str | int | float | bool


@frozen
class Key:
    """A key: the types of its value, an example, and what it does."""

    types: tuple[type, ...]
    example: str
    text: str


KEYS = {
    "port": Key((str,), '"/dev/ttyACM0"', "port of the pump when neither --port nor PUMP_PORT names one"),
    "set_clock": Key((bool,), "true", "set the pump's time of day when it is unknown, on connecting and after a reset"),
    "timeout_s": Key((int, float), "3", "seconds to wait for an answer without --timeout"),
}


def path(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the file; a user without a home folder has none, so it is not found."""
    base = environment.get("XDG_CONFIG_HOME")
    if not base:
        home = environment.get("HOME") or os.path.expanduser("~")
        base = str(Path(home) / ".config")
    return Path(base) / "pumpctl" / "config.toml"


def read(environment: Mapping[str, str] = os.environ) -> dict[str, Value]:
    """Return what the file sets, nothing without a file; raises BadConfiguration, also for an unknown key."""
    place = path(environment)
    try:
        text = place.read_text(encoding="utf-8")
        import tomllib  # here, as most users have no file

        settings = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise errors.BadConfiguration(f'{place} can\'t be read ({error}); it should hold port = "...".') from error
    for name, value in settings.items():
        checked(name, value, f"{place}: ")
    return settings


def checked(name: str, value: object, where: str = "") -> None:
    """Raise BadConfiguration for an unknown key or a value of another type."""
    key = KEYS.get(name)
    if key is None:
        close = errors.closest(name, KEYS)
        hint = f"did you mean {close}?" if close else f"the keys are {', '.join(KEYS)}."
        raise errors.BadConfiguration(f"{where}there is no key {name!r}; {hint}")
    if type(value) not in key.types:
        raise errors.BadConfiguration(f"{where}{name} is {value!r}; it should be written as {key.example}.")
    if name == "timeout_s" and not 0.05 <= float(str(value)) <= 600:
        raise errors.BadConfiguration(f"{where}{name} {value} is outside 0.05 to 600.")


def parsed(name: str, text: str) -> Value:
    """Return the value that was typed for a key; raises BadConfiguration."""
    value: Value = text
    key = KEYS.get(name)
    if key is not None and str not in key.types:
        import tomllib

        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text  # of the wrong type, which is told below
    checked(name, value)
    return value


def change(name: str, value: Value | None, environment: Mapping[str, str] = os.environ) -> None:
    """Set a key, or remove it with None; other lines of the file stay. Raises BadConfiguration, NotSaved."""
    import tempfile

    read(environment)  # a file that is wrong is not changed
    place = path(environment)
    try:
        lines = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
        mine = re.compile(rf"\s*\"?{re.escape(name)}\"?\s*=")
        at = next((number for number, line in enumerate(lines) if mine.match(line)), len(lines))
        lines[at : at + 1] = [] if value is None else [f"{name} = {json.dumps(value, ensure_ascii=False)}"]
        place.parent.mkdir(parents=True, exist_ok=True)
        number, made = tempfile.mkstemp(dir=place.parent, prefix=".config")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        os.replace(made, place)
    except OSError as error:
        raise errors.NotSaved(place, error) from error
