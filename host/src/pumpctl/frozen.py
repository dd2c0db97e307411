"""Frozen dataclasses that load fast.

`dataclass(frozen=True)` compiles six methods for each class, which is most of the time to load a module of records.
Here all classes share theirs. `fields`, `asdict` and `replace` of the module dataclasses work as on any dataclass.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, NoReturn, TypeVar, dataclass_transform

_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[_Class]) -> type[_Class]:
    """Make a class with annotated fields a frozen dataclass; decorates a class without `__post_init__` and slots."""
    for method in (__init__, __repr__, __eq__, __hash__, __setattr__, __delattr__):
        setattr(cls, method.__name__, method)
    return dataclass(init=False, repr=False, eq=False)(cls)


def __init__(self: Any, /, *values: Any, **named: Any) -> None:
    names = self.__match_args__
    given = dict(zip(names, values, strict=False))
    if len(values) > len(names) or given.keys() & named or named.keys() - set(names):
        raise TypeError(f"{type(self).__name__} takes the fields {', '.join(names)}, each once.")
    given |= named
    if len(given) < len(names):
        given |= _defaults(self, given)
    self.__dict__.update(given)


def _defaults(self: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the fields that are not given; raises TypeError for one without a default."""
    found = {}
    for one in fields(self):
        if one.name not in given:
            if one.default is MISSING and one.default_factory is MISSING:
                raise TypeError(f"{type(self).__name__} needs a value for {one.name}.")
            found[one.name] = one.default if one.default_factory is MISSING else one.default_factory()
    return found


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__match_args__])


def __repr__(self: Any) -> str:
    pairs = zip(self.__match_args__, _values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"


def __eq__(self: Any, other: object) -> bool:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def __hash__(self: Any) -> int:
    return hash(_values(self))


def __setattr__(self: Any, name: str, value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def __delattr__(self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")
