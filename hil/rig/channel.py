"""The bench channel of the rig, lines of text on its USB port:

    world <seed> [name=value ...]   starts a new world
    do <action> [number]            an action on the world or the rig: block, button_down, power_cycle, ...
    echo <word>                     answers with the word, so that the bench finds its own answer
    truth                           the ground truth of the world, without sensor errors
    quit                            ends the program

The answer to each, except `quit`, is one line `= <json>`. Time follows the wall clock.
"""

import gc
import json

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from rig import rig

_POLLIN = const(1)
_LONGEST_BYTES = const(2048)
_AT_ONCE = const(256)  # most bytes read between two passes


class Channel:
    """stdin, stdout: as in sys. An incomplete line never blocks the rig."""

    def __init__(self, the_rig: "rig.Rig", stdin: "Any", stdout: "Any", poll: "Callable[[], Any]") -> None:
        self._rig = the_rig
        self._read_into = stdin.buffer.readinto
        self._write = stdout.write
        self._poll = poll()
        self._poll.register(stdin, _POLLIN)
        self._byte = bytearray(1)
        self._line = bytearray()

    def serve(self, wait_ms: int) -> bool:
        """Waits at most this long, and executes the lines received; False after `quit` or the end of input."""
        count = 0
        while count < _AT_ONCE and self._poll.poll(wait_ms):
            wait_ms = 0
            count += 1
            if not self._read_into(self._byte):
                return False
            if self._byte[0] not in b"\r\n":
                if len(self._line) < _LONGEST_BYTES:
                    self._line.extend(self._byte)
                continue
            words = bytes(self._line).split()
            self._line = bytearray()
            if words == [b"quit"]:
                return False
            if words:
                gc.collect()  # an answer takes some kilobytes in one piece
                self._write("= ")
                self._write(json.dumps(self._answer(words)))
                self._write("\n")
        return True

    def _answer(self, words: "list[bytes]") -> "dict[str, Any]":
        try:
            return self._do([str(word, "utf-8") for word in words])
        except ValueError as error:  # includes UnicodeError and int()'s errors
            return {"error": str(error)}

    def _do(self, words: "list[str]") -> "dict[str, Any]":
        word = words[0]
        if word == "truth":
            return self._rig.truth()
        if word == "echo" and len(words) == 2:
            return {"echo": words[1]}
        if word == "do" and len(words) in (2, 3):
            self._rig.do(words[1], int(words[2]) if len(words) == 3 else 0)
        elif word == "world" and len(words) >= 2:
            pairs = [part.split("=") for part in words[2:]]
            self._rig.begin(int(words[1]), {pair[0]: int(pair[-1]) for pair in pairs})
        elif word in ("run", "rx"):
            return {"error": word + " works in host time only; time follows the wall clock here"}
        else:
            return {"error": "not understood: " + " ".join(words)}
        return {"ok": True}
