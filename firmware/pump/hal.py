"""Contracts of the parts that a board hands to the app: few verbs, whole numbers, units in the names, no blocking.

Only PartError exists at run time; the rest is for readers and for the type checker.
"""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
_ETIMEDOUT = const(110)


class PartError(Exception):
    """A part can't do what was asked; `args[0]` says why, a number of defs.FAULT_*.

    Made anew for each raise: to an instance that is raised again MicroPython adds its traceback again, 24 bytes a
    time, for ever, and a class of Python's can't clear it.
    """


def bus_error(error: OSError) -> PartError:
    """What an I2C error means: a time-out is a line held low, anything else a part that doesn't acknowledge."""
    return PartError(defs.FAULT_BUS_STUCK if error.args[0] == _ETIMEDOUT else defs.FAULT_NO_ANSWER)


if TYPE_CHECKING:
    from typing import Protocol

    class Clock(Protocol):
        """Time: the only part that reads it."""

        def ticks_ms(self) -> int:
            """Milliseconds on a circle of 2^30."""

        def wait_ms(self, span_ms: int) -> None:
            """Sleeps; returns early when the link has bytes."""

    class Drive(Protocol):
        """What moves the fluid: a stepper that makes a bounded number of steps by itself and then stops, or valves."""

        cycle_ms: int  # what a motion takes whatever interval it is given, 0 where its steps keep to that

        def start(self, steps: int, interval_us: int) -> None:
            """Begins a motion, negative for a reverse; PartError when the driver reports a fault."""

        def steps_done(self) -> int:
            """Steps of the present or last motion that were made."""

        def stop(self) -> None:
            """Ends a motion at once."""

    class ValveDrive(Drive, Protocol):
        """Valves, all shut at rest: a stroke is one cycle, and `start` takes one step, or one in reverse."""

        def cycle(self, reverse: bool = False) -> None:
            """Begins a cycle, as `start` does with one step either way; PartError when a valve is stuck."""

    class MotorDriver(Protocol):
        """The chip between the pulses and the coils, as the drive sees it; `moving` doesn't wait."""

        def ready(self) -> None:
            """Before a motion, 2 ms at most; PartError when the driver reported a fault or lost its settings."""

        def moving(self) -> None:
            """A motion has begun; the driver may be asked how it fares."""

    class StepCounter(Protocol):
        """Counts what was really moved, whatever the drive says: steps either way, or cycles by their sense lines."""

        def count(self) -> int:
            """Steps since power-on on a circle of 2^30; PartError when it can't tell."""

    class Pressure(Protocol):
        """Line pressure above ambient. A value is that of the conversion begun by the call before."""

        def begin(self) -> None:
            """Begins a conversion, so that the next read is not older than this call."""

        def read_pa(self) -> int:
            """Pascals, and begins the next conversion; PartError when there is no valid value."""

    class Level(Protocol):
        """Volume in the reservoir by a sensor that knows nothing of the strokes."""

        def read_nl(self) -> int:
            """Nanolitres; PartError when there is no valid value."""

    class Flow(Protocol):
        """Flow into the line, where a sensor is fitted."""

        def read_pl_s(self) -> int:
            """Picolitres per second, negative for backwards; PartError when there is no valid value."""

    class Temperature(Protocol):
        """Temperature of the fluid or of the controller."""

        def read_centi_c(self) -> int:
            """Hundredths of a degree Celsius; PartError when there is no valid value."""

    class Supply(Protocol):
        """What the controller lives on."""

        def read_mv(self) -> int:
            """Millivolts; PartError when there is no valid value."""

        def reset_cause(self) -> int:
            """Why the processor began anew, a number of defs.RESET_*."""

    class Annunciator(Protocol):
        """Light and sound of the alarms, as patterns that `run` plays."""

        def show(self, red_ms: "tuple[int, ...] | None", yellow_ms: "tuple[int, ...] | None") -> None:
            """Lamps: on and off in turn, over and over; () is on for good, None is off."""

        def sound(self, spans_ms: "tuple[int, ...] | None") -> None:
            """Tone, in the same way; None is silence."""

        def run(self, now: int) -> int:
            """Makes the change of a pattern that is due; milliseconds until the next one, -1 for none."""

    class Button(Protocol):
        """A push button."""

        def pressed(self) -> bool:
            """Whether it is down, or was since the last look."""

    class Store(Protocol):
        """An area of NOR flash: programming only clears bits, erasing sets all bits of a block."""

        size: int
        page_bytes: int
        block_bytes: int

        def read(self, at: int, buffer: bytearray) -> None:
            """Fills the buffer from this byte on."""

        def program(self, at: int, page: "bytes | bytearray") -> None:
            """Programs whole pages; interrupts are off for 0.4 ms a page. PartError when they don't read back."""

        def erase(self, at: int) -> None:
            """Erases a block; interrupts are off for 45 ms, 400 ms at worst. PartError when it isn't blank."""

    class Link(Protocol):
        """A byte stream to a host, USB or UART; neither verb waits."""

        PAIRS: bool  # whether hosts may be paired over it: it is a cable that a user sees from end to end

        def read_into(self, buffer: bytearray) -> int:
            """Fills the buffer with what is there and returns how many bytes, 0 for none."""

        def write(self, data: "memoryview | bytes") -> int:
            """Takes as many bytes as fit now and returns how many, 0 while the host doesn't read."""

    class Watchdog(Protocol):
        """Resets the processor unless fed."""

        tested: "bool | None"  # whether it has reset the chip in its test at this power-on; None without a test

        def feed(self) -> None:
            """Holds off the reset for another period."""

    class Program(Protocol):
        """The program where it stands, with its CRC-32 behind it, for a sum over both that is made piece by piece."""

        bytes_total: int  # the CRC's four included

        def restart(self) -> None:
            """Begins a new sum."""

        def add(self, at: int, count: int) -> None:
            """Adds these bytes to the sum; 4096 take less than 5 ms."""

        def half(self, number: int) -> int:
            """The lower (0) or upper (1) 16 bits of the sum, which is not inverted at its end."""

    class SecondClock(Protocol):
        """A clock that does not live on the ticks."""

        def read_ms(self) -> int:
            """Milliseconds on a circle of 2^30, in steps of a second at most."""

    class Checked(Protocol):
        """Any part, as the self-test sees it."""

        def check(self) -> None:
            """Probes the part at power-on; PartError says what it has."""

    class Board(Protocol):
        """What a board file offers, as a module does: its parts by name, and in PARTS those that the self-test asks."""

        NAME: str
        IMAGE: str
        UNIQUE_ID: str  # the id of this very board, as its USB serial number; empty without one
        PARTS: "tuple[tuple[int, Checked], ...]"
        DEFAULTS: "dict[int, int]"  # parameters (defs.PARAM_*) whose default is another on this board
        REVERSES: bool  # whether the drive can go backwards to relieve the line
        clock: Clock
        drive: Drive
        step_counter: StepCounter
        pressure: Pressure
        level: Level
        flow: "Flow | None"
        temperature: Temperature
        supply: Supply
        annunciator: Annunciator
        button: Button
        link: Link
        KEYS_REQUIRED: bool  # whether an unpaired host may only view and stop; of a paired pump that holds anyway
        store: "Store | None"
        keys: "Store | None"  # two blocks for the keys of paired hosts
        watchdog: Watchdog
        cells: bytearray  # memory that is kept for the test of the memory
        program: "Program | None"
        second_clock: "SecondClock | None"

        def reset(self) -> None:
            """Resets the processor, does not return; the cause of that reset is RESET_REQUEST."""

        def memory_bytes(self) -> "tuple[int, int]":
            """Collects garbage; then bytes of the heap that are free, and in use."""

        def read_noise(self, buffer: bytearray) -> None:
            """Fills the buffer from a source of noise, as it comes."""

        def report(self, error: Exception) -> None:
            """Writes an unexpected error where a developer can read it."""
