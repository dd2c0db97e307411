"""The REPL lock: open in a development image, and in a release image only with the jumper set at power-on.

It is closed until `set_up` has found otherwise, so an error on the way there leaves it closed.
"""

import sys
import time

import build_info
import machine
import micropython
import pins
import reset_cause

_JUMPER_SETTLES_US = 50
_BLINKS = 10
_BLINK_MS = 250
_FROZEN = ".frozen"

is_open = False
_search_path = sys.path[:]
sys.path[:] = [_FROZEN]  # no file of the file system may replace a frozen module


class NoTimer:
    """Replaces machine.WDT if the lock is open: a watchdog that never resets."""

    def __init__(self, timeout: int) -> None:
        pass

    def feed(self) -> None:
        pass


def set_up() -> None:
    """Switches the drive off and reads the jumper; must be called first."""
    global is_open
    machine.Pin(pins.ENABLE, machine.Pin.OUT, value=1)
    is_open = not build_info.RELEASE or _jumper_is_set()
    if is_open:
        # The image's modules come first: an interrupted copy must not replace them. See deployed.py.
        sys.path[:] = [_FROZEN] + [path for path in _search_path if path != _FROZEN]


def close() -> None:
    """Turns Ctrl-C off, unless the lock is open."""
    if not is_open:
        micropython.kbd_intr(-1)


def exit(error: BaseException) -> None:
    """Called when the firmware has ended: opens the REPL if the lock is open, else blinks red for 5 s and resets."""
    machine.Pin(pins.ENABLE, machine.Pin.OUT, value=1)
    if is_open:
        raise error
    close()
    reset_cause.start_watchdog()  # its reset would come within the blinking where the last feed is long ago
    sys.print_exception(error)
    red = machine.Pin(pins.RED, machine.Pin.OUT, value=1)
    for _ in range(2 * _BLINKS):
        time.sleep_ms(_BLINK_MS)
        red.toggle()
    reset_cause.mark_fault()
    machine.reset()


def _jumper_is_set() -> bool:
    jumper = machine.Pin(pins.JUMPER, machine.Pin.IN, machine.Pin.PULL_UP)
    time.sleep_us(_JUMPER_SETTLES_US)
    return not jumper.value()
