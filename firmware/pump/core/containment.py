"""Keeps an unexpected error in a query or in telemetry from ending delivery."""

from pump.core import redundant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Containment:
    """`run` calls what only reads; `on_error(error, origin)` is called for the first error since power-on.

    `passes` are errors that are no defect, such as a refusal. A word of the memory that has gone bad is no error of the
    query which reads it first, so it goes on to the main loop too.
    """

    def __init__(self, on_error: "Callable[[Exception, int], None]", passes: "type[Exception]") -> None:
        self._on_error = on_error
        self._passes = (redundant.Mismatch, passes)
        self._failed = False

    def run(self, function: "Callable[[Any, int], Any]", value: "Any", now: int, origin: int) -> "Any":
        """What the function returns for these two arguments, None when it fails."""
        try:
            return function(value, now)
        except self._passes:
            raise
        except Exception as error:  # noqa: BLE001  # no error of a query may end delivery
            if not self._failed:  # one that recurs would push everything else out of the log
                self._failed = True
                self._on_error(error, origin)
            return None
