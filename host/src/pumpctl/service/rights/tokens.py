"""Tokens and their roles. A pump that requires keys is commanded through the service by those who have a token.

A file of tokens has one token a line, alone or with a role and a name behind it: `TOKEN operate anna`. The service also
makes a token of its own at each start, for the programs of its user, who find it in the entry of the service.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pumpctl import defs, errors
from pumpctl.frozen import frozen

SHORTEST = 16
_SHARED = stat.S_IRWXG | stat.S_IRWXO
_HIGHEST = defs.ROLE_NAMES[-1]
# These only view, but change who has a key.
_OF_KEYS = frozenset(("pair_begin", "pair_finish", "keys_erase"))


@frozen
class Grant:
    """What a token gives: a role, and the name of whoever has it, or an empty one."""

    role: str
    name: str = ""


@frozen
class Asker:
    """Who asks: the program, for the session's record, and the grant of its token, None without one."""

    program: str
    grant: Grant | None = None
    trusted: bool = False  # without a token, as long as the pump requires no keys

    def role(self, keyed: bool) -> str:
        """Return the role at a pump that requires keys, or none."""
        if self.grant is not None:
            return self.grant.role
        return _HIGHEST if self.trusted and not keyed else "view"

    def __str__(self) -> str:
        """Return what the session's record says."""
        if self.grant is None or not self.grant.name:
            return self.program
        return f"{self.grant.name} ({self.grant.role}), {self.program}"


class Tokens:
    """The tokens of a service: those of a file, and `own`, which is new at each start and gives every role."""

    def __init__(self, given: Mapping[str, Grant]) -> None:
        self.own = secrets.token_urlsafe(24)
        self.given = bool(given)
        self._grants = {**given, self.own: Grant(_HIGHEST)}

    def grant(self, token: str) -> Grant | None:
        """Return what a token gives, None for an unknown one; the time doesn't tell how much of one is right."""
        found = None
        for known, grant in self._grants.items():
            if hmac.compare_digest(known.encode(), token.encode("utf-8", "replace")):
                found = grant
        return found

    def asker(self, program: str, token: str | None) -> Asker:
        """Return who asks with a token, or None without one."""
        return Asker(program, None if token is None else self.grant(token), not self.given)


def read(path: Path) -> dict[str, Grant]:
    """Return the tokens of a file, which only its owner may read; raises UsageProblem."""
    try:
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & _SHARED:
                raise errors.UsageProblem(f"The tokens in {path} can be read by others; type `chmod 600 {path}`.")
            lines = file.read().splitlines()
    except (OSError, ValueError) as error:
        raise errors.UsageProblem(f"The token can't be read from {path} ({errors.reason(error)}).") from error
    found: dict[str, Grant] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words:
            continue
        token, role, name, *more = [*words, *("", _HIGHEST, "")[len(words) :]]
        if len(token) < SHORTEST:
            raise errors.UsageProblem(f"The token in line {number} of {path} has fewer than {SHORTEST} letters.")
        if more or role not in defs.ROLE_NAMES or token in found:
            roles = ", ".join(defs.ROLE_NAMES)
            raise errors.UsageProblem(f"Line {number} of {path} is not TOKEN ROLE NAME of a new token; roles: {roles}.")
        found[token] = Grant(role, name)
    if not found:
        raise errors.UsageProblem(f"The file {path} holds no token.")
    return found


def role_for(command: str, fields: Mapping[str, Any]) -> str:
    """Return the role that a command with these fields needs at a pump that requires keys."""
    known = defs.COMMANDS.get(command)
    if command in _OF_KEYS or known is None:
        return _HIGHEST
    if command == "param_set":
        keys = [param.key for param in defs.PARAMS.values() if param.name == fields.get("name")]
        return keys[0] if keys else known.key
    return known.key


def permits(role: str, needed: str) -> bool:
    """Return whether a role includes another."""
    return defs.ROLE_NAMES.index(role) >= defs.ROLE_NAMES.index(needed)
