"""The page with a pump that requires keys: its role, what it may do, and a pairing."""

from __future__ import annotations

from collections.abc import Callable

from browser.chromium import Page
from pumpctl import running, sim
from service_process import Service

REQUIREMENTS = ("C5", "C7")
_RATE = "document.querySelector('button[value=rate]').disabled"


def test_the_page_says_its_role_enables_what_that_permits_and_pairs(
    serve: Callable[..., Service], open_page: Callable[..., Page]
) -> None:
    with sim.Simulation(seed=1, time="wall", options=("--keys", "yes")) as pump:
        service = serve("--port", pump.port)
        page = open_page(service.url)
        page.until_text("#alarms .state", "standby")
        page.until_text("#role", "Role of this page: view.")
        page.until_text("#keys", "This pump takes commands from paired hosts only.")
        page.until_text("#keys ul", "No host is paired yet: pair this one")
        assert page.run(_RATE) is True
        page.click("#keys button")
        page.until_text("#keys [role=status]", "takes it only with a token that permits it")
        (entry,) = [found for found in running.entries() if found.url == service.url]
        page = open_page(f"{service.url}/?token={entry.token}")
        page.until_text("#role", "Role of this page: service.")
        page.until_text("#keys ul", "No host is paired yet: pair this one")
        page.click("#keys button")
        service.until("pair_state", lambda answer: answer["stage"] != "idle")
        pump.do("press")
        page.until_text("#keys [role=status]", "Paired as service with the role service")
        page.until_text("#keys ul", "service: service")
