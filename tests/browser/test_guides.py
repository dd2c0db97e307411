"""The plan editor, the guided refill and the simulated world on the page, each as a user goes through it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from browser.chromium import LONGEST_S, Page
from browser.conftest import done
from pumpctl import units
from service_process import Service

Open = Callable[..., Page]


def _therapy(service: Service) -> dict[str, Any]:
    answer: dict[str, Any] = service.command("therapy")[1]
    return answer


def test_a_plan_is_edited_drawn_and_set_after_its_read_back(service: Service, page: Page) -> None:
    page.until_text("#plan", "No plan is set.")
    page.click("#plan summary")
    assert page.run("document.querySelectorAll('#plan form .timeline li').length") == 3
    page.type("#plan [name=cycles]", "3")
    page.until("document.querySelectorAll('#plan form .timeline li').length === 7")
    page.type("#plan [aria-label='Rate of phase 2 in mL/day']", "1.2")
    page.until_text("#plan form", "7 phases, 98 d in all, 106.400 mL")
    page.click("#plan [value=therapy_set]")
    page.until_text("#plan .agreement", "1.200 mL/day")
    page.click("#plan .agreement .confirm")
    page.until_text("#plan", "The plan is set.")
    rows = [[1, 1000, 0, 336], [2, 1200, 336, 336], [1, 1000, 672, 336]]
    assert {name: _therapy(service)[name] for name in ("rows", "cycles", "repeat_from")} == {
        "rows": rows, "cycles": 3, "repeat_from": 1,
    }  # fmt: skip
    page.until_text("#plan", "intrahepatic: phase 1 of 7 with saline")


@pytest.mark.parametrize(("field", "typed", "text"), [
    ("[aria-label='Rate of phase 1 in mL/day']", "fast", "can't be read"),
    ("[aria-label='Length of phase 2 in days, 0 for no end']", "0.3", "finer than the pump's resolution"),
    ("[name=cycles]", "many", "is not a whole number"),
])  # fmt: skip
def test_a_plan_that_cannot_be_read_is_told_at_once(page: Page, field: str, typed: str, text: str) -> None:
    page.click("#plan summary")
    page.type(f"#plan {field}", typed)
    page.until_text("#plan form .refused", text)


def test_a_plan_that_the_pump_refuses_is_told(service: Service, page: Page) -> None:
    page.click("#plan summary")
    page.type("#plan [aria-label='Length of phase 1 in days, 0 for no end']", "0")
    page.click("#plan [value=therapy_set]")
    page.until("document.querySelector('#plan > p.refused')?.innerText.length > 10")
    assert _therapy(service)["profile"] is None


def test_a_first_filling_is_guided_to_the_start(service: Service, page: Page) -> None:
    done(service, "therapy_set", profile="continuous", rows=[[1, 1000, 0, 0]])
    page.click("#refill [value=refill_begin]")
    page.until_text("#refill", "no record of what was in the reservoir; go on with the filling.")
    page.until("document.querySelector('#refill [aria-current]').innerText.includes('Fill the reservoir')")
    page.type("#refill [name=filled]", "16")
    page.click("#refill [value=refill_finish]")
    page.until_text("#refill .agreement", "16.000 mL")
    page.click("#refill .agreement .confirm")
    page.until_text("#refill", "Delivery continues only after a start.")
    page.until("!document.querySelector('#refill [value=start]').disabled")
    page.click("#refill [value=start]")
    page.until_text("#alarms .state", "infusing")


def test_a_withdrawal_is_compared_and_a_refill_cancelled(service: Service, infusing: Page) -> None:
    infusing.click("#refill [value=refill_begin]")
    infusing.until_text("#alarms .state", "refilling")
    left = units.ml(service.command("status")[1]["ledger_nl"])  # strokes before it depend on how fast the page was
    infusing.until_text("#refill", f"Withdraw all fluid; by the ledger it is {left}")
    infusing.until("!document.querySelector('#refill [value=refill_withdrawn]').disabled")
    infusing.type("#refill [name=withdrawn]", "12")
    infusing.click("#refill [value=refill_withdrawn]")
    infusing.until_text("#refill", f"less than by the ledger ({left}")
    infusing.until_text("#refill", "Find out how much was delivered, then acknowledge.")
    infusing.click("#refill [value=refill_cancel]")
    infusing.until_text("#refill", "The refill was cancelled")
    infusing.until_text("#alarms .state", "standby")


def test_the_world_is_acted_on_and_its_true_values_are_shown(service: Service, infusing: Page) -> None:
    infusing.click("#world [value=block]")
    infusing.until_text("#world", "block done.")
    infusing.click("#world summary")
    infusing.until_text("#world dl", "blocked")
    infusing.choose("#world [name=part]", "pressure")
    infusing.choose("#world [name=fault]", "off")
    infusing.click("#world button[name=fault]")
    infusing.until_text("#world", "pressure_off done.")
    infusing.until_text("#alarms .alarms", "No valid pressure")
    infusing.type("#world [name=drain]", "lots")
    infusing.click("#world [value=drain]")
    infusing.until_text("#world .refused", "can't be read")
    infusing.type("#world [name=drain]", "0.5")
    infusing.click("#world [value=drain]")
    infusing.until_text("#world", "drain 500000 done.")
    infusing.type("#world [name=other]", "explode")
    infusing.click("#world form:has([name=other]) button")
    infusing.until_text("#world .refused", "explode")


def test_the_speed_of_the_world_is_changed(serve: Callable[..., Service], open_page: Open) -> None:
    service = serve("--port", "sim:")
    page = open_page(service.url)
    page.type("#world [name=speed]", "60")
    page.click("#world [value=speed]")
    page.until_text("#world", "speed 60 done.")
    until = time.monotonic() + LONGEST_S  # at the speed of before it would take twice as long
    while service.command("status")[1]["uptime_s"] < 2 * LONGEST_S:
        assert time.monotonic() < until
    page.type("#world [name=speed]", "0")
    page.click("#world [value=speed]")
    page.until_text("#world .refused", "1..100000")


def test_a_pump_without_a_world_has_no_panel(serve: Callable[..., Service], open_page: Open, service: Service) -> None:
    outer = serve("--port", service.pumps[0]["line_port"])
    page = open_page(outer.url)
    page.until_text("#alarms .state", "standby")
    page.until_text("#log tbody", "power_on")
    assert page.run("document.querySelector('#world').checkVisibility()") is False
