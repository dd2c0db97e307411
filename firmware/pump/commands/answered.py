"""The last requests that may have changed something, each with its answer.

A host that got no answer sends the same line again. It gets the answer that was lost; nothing is done a second time.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    Pairs = list[tuple[str, object]]

_MOST = const(4)  # requests; each host waits for its answer before it sends the next
_SPAN_S = const(60)  # a host has given up by then, and the id may be used again


class Answered:
    """A request is known by its whole line, which holds its id. Times are uptimes in seconds.

    Lines are compared without what surrounds the frame: where the end of a line was damaged, the host sends it again,
    and the pump then reads one line that ends in a stray byte, and the same without it.
    """

    def __init__(self) -> None:
        self._lines: "list[bytes | None]" = [None] * _MOST
        self._answers: "list[Pairs]" = [[]] * _MOST
        self._times_s = [0] * _MOST
        self._at = 0  # the place of the next one

    def find(self, line: bytes, now_s: int) -> "Pairs | None":
        """The answer that this line got within the last minute, None if it is new."""
        for at in range(_MOST):
            if self._lines[at] == line and now_s - self._times_s[at] <= _SPAN_S:
                return self._answers[at]
        return None

    def add(self, line: bytes, answer: "Pairs", now_s: int) -> None:
        """This line was carried out, or refused, and got this answer."""
        at = self._at
        self._lines[at] = line
        self._answers[at] = answer
        self._times_s[at] = now_s
        self._at = (at + 1) % _MOST

    def clear(self) -> None:
        """Forgets all: after a stop, a request is carried out even if it is the same as one before."""
        for at in range(_MOST):
            self._lines[at] = None
            self._answers[at] = []
