"""The bench channel of the simulated pump: lines of text on standard input and output.

    run <ms>              lets this time pass (only while the host moves time)
    rx <hex>              bytes that arrive on the pump's link (only while the host moves time)
    do <action> [number]  an action on the world or the board: block, unblock, drain 1000, ...
    truth                 the ground truth of the world, without the errors of its sensors
    changes               the last changes of light and sound: {"rows": [[ms, "red", 1], ...]}, ms since power-on
    quit                  ends the program, like the end of the input

The answer to each, except `rx` and `quit`, is one line `= <json>`. Bytes that the pump sends come as `tx <hex>`.
"""

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant import world


class Channel:
    """Serves one line at a time; `extra` returns the board's part of the truth, `changes` those of light and sound."""

    def __init__(self, world: "world.World", extra: "callable", changes: "callable") -> None:
        self._world = world
        self._extra = extra
        self._changes = changes

    def serve(self) -> "tuple[str, str]":
        """Waits for a line and executes it, as `take`."""
        line = sys.stdin.readline()
        if not line:
            raise SystemExit(0)
        return self.take(line)

    def take(self, line: str) -> "tuple[str, str]":
        """Executes a line; leaves `run` and `rx` to the clock: returns (word, rest), else ("", "")."""
        word, _, rest = line.strip().partition(" ")
        if word == "quit":
            raise SystemExit(0)
        if word in ("run", "rx"):
            return word, rest
        if word == "do":
            self.answer(self._do(rest))
        elif word == "truth":
            truth = self._world.truth()
            truth.update(self._extra())
            self.answer(truth)
        elif word == "changes":
            self.answer({"rows": self._changes()})
        else:
            self.answer({"error": "unknown word: " + word})
        return "", ""

    def answer(self, value: "dict[str, object]") -> None:
        sys.stdout.write("= " + json.dumps(value) + "\n")

    def _do(self, rest: str) -> "dict[str, object]":
        action, _, number = rest.partition(" ")
        try:
            self._world.do(action, int(number or "0"))
        except ValueError as error:
            return {"error": str(error)}
        return {"ok": True}
