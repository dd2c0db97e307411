"""The live screen and the pump behind it: a thread listens to the pump and does what the keys ask for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pumpctl import errors, listening
from pumpctl.cli.screen import console
from pumpctl.listening import Gap
from pumpctl.protocol import answers
from pumpctl.pump import Pump

if TYPE_CHECKING:
    from pumpctl.cli.watch.screen import Screen


def _stop(pump: Pump) -> str:
    pump.stop()
    return "Stopped. Delivery continues only after a start."


def _pause(pump: Pump) -> str:
    pump.pause()
    return "Paused."


def _silence(pump: Pump) -> str:
    return f"The sound is silenced for {pump.silence()} s."


def _ack(pump: Pump) -> str:
    done = pump.ack()
    return f"{done.acknowledged} acknowledged, {done.standing} still active."


_ACTIONS: dict[str, Callable[[Pump], str]] = {"stop": _stop, "pause": _pause, "silence": _silence, "ack": _ack}


class Ended(Exception):
    """The screen was closed."""


class Live:
    """Connects the screen with the thread; `say` and `between` are for the listener."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._screen: Screen | None = None
        self._pump: listening.Listener | None = None

    def say(self, text: str) -> None:
        """Show that the pump is waited for."""
        if self._screen is None:
            console.say(text)
        else:
            self._call(self._screen.lose, text)

    def between(self) -> None:
        """Do what the keys have asked for; raises Ended when the screen was closed."""
        if self._ended.is_set():
            raise Ended
        while not self._asked.empty():
            name = self._asked.get()
            self._tell(self._done(name))

    def run(self, pump: listening.Listener, items: Iterable[listening.Item]) -> None:
        """Show the pump until the user closes the screen; raises what ended the listening."""
        from pumpctl.cli.watch.screen import Screen

        self._pump = pump
        title = f"pump at {pump.port} · {pump.hello.board} {pump.hello.version}"
        screen = Screen(title, self._asked.put, plain=not console.has_blocks())
        thread = threading.Thread(target=self._listen, args=(screen, items), daemon=True)
        screen.on_begin = thread.start
        self._screen = screen
        try:
            error = screen.run()
        finally:
            self._screen = None
            self._ended.set()
        if thread.ident is not None:
            thread.join()
        if error is not None:
            raise error

    def _listen(self, screen: Screen, items: Iterable[listening.Item]) -> None:
        """Show what comes; an error ends the screen and is raised by `run`."""
        from pumpctl.cli.watch.screen import Reading

        assert self._pump is not None
        gaps: list[str] = []
        try:
            for item in items:
                if isinstance(item, Gap):
                    gaps.append(item.text)
                elif isinstance(item, answers.Status):
                    alarms, dose = self._pump.ask(lambda present: (present.alarms(), present.dose()))
                    self._call(screen.show, Reading(item, alarms, dose), gaps)
                    gaps = []
                self.between()
        except Ended:
            return
        except Exception as error:  # noqa: BLE001 - raised again in the main thread
            self._call(screen.exit, error)

    def _done(self, name: str) -> str:
        """Do what a key asks for; return what is told of it. Nothing is sent later, when the link is back."""
        pump = self._pump.pump if self._pump is not None else None
        if pump is None:
            return f"There is no link to the pump, so {name} was not sent."
        try:
            return _ACTIONS[name](pump)
        except errors.PumpError as error:
            return str(error)

    def _tell(self, text: str) -> None:
        if self._screen is not None:
            self._call(self._screen.tell, text)

    def _call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a function of the screen in its thread; when the screen has just been closed, do nothing."""
        if self._screen is None or self._ended.is_set():
            raise Ended
        with suppress(RuntimeError):  # textual's, when its loop has ended
            self._screen.call_from_thread(function, *arguments)
