"""The page in a real browser: state and alarms first, a stop always in reach, three widths, light, dark and print."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.chromium import Page
from browser.conftest import prepare
from pumpctl import defs
from pumpctl.protocol import answers
from pumpctl.report import pressure_trace
from service_process import Service

WIDTHS = (390, 768, 1280)
LARGEST_BYTES = 300_000
OCCLUSION = next(alarm for alarm in defs.ALARMS.values() if alarm.name == "occlusion")
TRACE = "[...document.querySelectorAll('#trace tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
Open = Callable[..., Page]


def _state(service: Service) -> str:
    return defs.STATES[service.command("status")[1]["state"]].name


def test_the_state_comes_first_and_says_what_it_means(page: Page) -> None:
    assert page.text("#main > :first-child .state") == "standby: Ready; nothing is delivered before a start."
    assert "The contents of the reservoir have not been entered" in page.text("#delivery .holds")


def test_the_figures_of_an_infusing_pump_are_shown(infusing: Page) -> None:
    infusing.until_text("#delivery dl", "1.000 mL/day")
    infusing.until_text("#delivery dl", "mL of saline")
    infusing.until("/in \\d+ s/.test(document.querySelector('#delivery dl').innerText)")
    infusing.until(
        "/Refill by\\s+\\d+ \\w+ \\d{4}, \\d\\d:\\d\\d \\(.+\\)/.test(document.querySelector('#delivery dl').innerText)"
    )


def test_the_button_stops_the_pump_and_says_so(service: Service, infusing: Page) -> None:
    infusing.click("#stop")
    infusing.until_text("#stopped", "Pump 1 is stopped.")
    assert _state(service) == "standby"


def test_the_key_stops_the_pump_wherever_the_focus_is(service: Service, infusing: Page) -> None:
    infusing.run("document.querySelector('#plots canvas').focus()")
    infusing.press("F8", key_code=119)
    infusing.until_text("#stopped", "Pump 1 is stopped.")
    assert _state(service) == "standby"


def test_the_stop_button_stays_in_sight_at_the_end_of_the_page(service: Service, infusing: Page) -> None:
    infusing.run("scrollTo(0, document.body.scrollHeight)")
    box = infusing.run("(({ top, bottom }) => [top, bottom])(document.querySelector('#stop').getBoundingClientRect())")
    assert 0 <= box[0] < box[1] <= 800


def test_a_stop_that_did_not_reach_the_pump_is_told(service: Service, infusing: Page) -> None:
    service.end(signal.SIGKILL)
    infusing.until_text("#service", "The service does not answer; trying again.")
    infusing.click("#stop")
    infusing.until_text(
        "#stopped", "NOT STOPPED. The service does not answer. Stop the pump itself, or clamp the line."
    )


def test_a_page_that_was_left_open_goes_on_with_the_next_service(
    service: Service, serve: Callable[..., Service], page: Page
) -> None:
    port = service.port
    service.end()
    page.until_text("#service", "The service does not answer")
    page.until("[...document.querySelectorAll('#delivery button.command')].every((button) => button.disabled)")
    serve("--port", "sim:speed=60", "--http-port", str(port))
    page.until("document.querySelector('#service').innerText === ''")
    page.until("!document.querySelector('#link').innerText")


def test_an_alarm_is_shown_with_its_action_read_out_and_acknowledged(
    serve: Callable[..., Service], open_page: Open
) -> None:
    service = serve("--port", "sim:speed=1000")
    infusing = open_page(service.url)
    prepare(service)
    infusing.until_text("#alarms .state", "infusing")
    infusing.run("""{
        window.said = '';
        const aloud = document.querySelector('[role=alert].unseen');
        new MutationObserver(() => { said += aloud.textContent; }).observe(aloud, { childList: true });
    }""")
    assert service.get("pumps/1/world", {"action": "block"})[0] == 200
    infusing.until_text("#alarms .alarms", OCCLUSION.action)
    assert "HIGH occlusion" in infusing.text("#alarms .alarms")
    infusing.click("#trace summary")
    infusing.until_text("#trace", "Frozen by the alarm occlusion.")
    assert infusing.run(TRACE) == [list(row) for row in pressure_trace.rows(_trace(service))]
    assert infusing.run("document.querySelectorAll('#trace polyline').length") > 1
    infusing.until("said.includes('high priority: Downstream occlusion')")
    button = "#alarms [aria-label='Acknowledge occlusion']"
    infusing.click(button)
    infusing.until(f'!document.querySelector("{button}")')
    assert _acknowledged(service, OCCLUSION.id)


def _trace(service: Service) -> list[answers.Sample]:
    rows: list[list[int]] = []
    first: int | None = 0
    while first is not None:
        answer = service.command("trace", first=first)[1]
        rows += answer["rows"]
        first = answer["next"]
    return [answers.Sample(*row) for row in rows]


def _acknowledged(service: Service, number: int) -> bool:
    rows = service.command("alarms")[1]["rows"]
    return all(is_acknowledged for alarm, _, is_acknowledged, _ in rows if alarm == number)


def test_only_the_requests_that_the_state_allows_can_be_sent(infusing: Page) -> None:
    infusing.until("document.querySelector('button[value=start]').disabled")
    infusing.click("button[value=pause]")
    infusing.until_text("#delivery", "Delivery is paused.")
    infusing.until_text("#alarms .state", "paused")
    infusing.click("button[value=resume]")
    infusing.until_text("#alarms .state", "infusing")


def test_a_refusal_is_told_by_its_sentence(page: Page) -> None:
    page.until("!document.querySelector('button[value=start]').disabled")
    page.click("button[value=start]")
    page.until_text("#delivery .refused", "Enter the fluid and volume in the reservoir")


def test_of_several_pumps_one_is_shown_and_the_stop_is_its_own(serve: Callable[..., Service], open_page: Open) -> None:
    service = serve("--port", "sim:", "--port", "sim:seed=2")
    page = open_page(service.url)
    page.until_text("#choices", "Pump 2")
    page.click("#choices [value='2']")
    page.until_text("#title", "Pump 2: sim:seed=2")
    page.click("#stop")
    page.until_text("#stopped", "Pump 2 is stopped.")


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_page(service: Service, infusing: Page, width: int) -> None:
    infusing.resize(width, 800)
    assert infusing.run("document.documentElement.scrollWidth") <= width
    wide = """[...document.querySelectorAll('main *, header *')]
        .filter((element) => !element.closest('.wide, .unseen'))
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML)"""
    assert infusing.run(wide) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_contrast(infusing: Page, scheme: str) -> None:
    infusing.emulate(prefers_color_scheme=scheme)
    assert infusing.run((Path(__file__).parent / "contrast.js").read_text()) == []


def test_in_print_there_are_no_buttons_and_the_paper_is_white(infusing: Page) -> None:
    infusing.emulate("print", prefers_color_scheme="dark")
    assert infusing.run("getComputedStyle(document.querySelector('#stop')).display") == "none"
    assert infusing.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_all_that_can_be_operated_has_a_name_for_a_screen_reader(infusing: Page) -> None:
    infusing.call("Accessibility.enable")
    nodes = infusing.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "textbox", "combobox", "checkbox", "spinbutton", "image", "link", "table", "img"}
    found = [node for node in nodes if not node["ignored"] and node["role"]["value"] in roles]
    assert len(found) > 10
    assert [node for node in found if not node.get("name", {}).get("value")] == []


def test_every_button_is_reached_by_the_tab_key(page: Page) -> None:
    page.until("!document.querySelector('button[value=start]').disabled")
    wanted = page.run("""[...document.querySelectorAll('button, canvas, input, select, summary, a')]
        .filter((element) => !element.disabled && element.checkVisibility()).length""")
    page.run("window.reached = new Set(); document.addEventListener('focusin', (event) => reached.add(event.target))")
    for _ in range(wanted):
        page.press("Tab", key_code=9)
    assert page.run("reached.size") >= wanted - 2


def test_all_comes_from_the_service_and_is_small(service: Service, page: Page) -> None:
    rows = page.run("performance.getEntriesByType('resource').map((entry) => [entry.name, entry.decodedBodySize])")
    assert all(name.startswith(service.url) for name, _ in rows)
    assert {name.rpartition("/")[2] for name, _ in rows} >= {"page.js", "style.css", "plot.js"}
    files = [size for name, size in rows if "/api/" not in name]
    assert 10_000 < sum(files) < LARGEST_BYTES


def test_with_a_token_the_page_opens_and_without_it_gets_nothing(
    serve: Callable[..., Service], open_page: Open, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("a-long-enough-token")
    token.chmod(0o600)
    service = serve("--port", "sim:", "--token-file", str(token))
    open_page(f"{service.url}/?token=a-long-enough-token").until_text("#alarms .state", "standby")
    stranger = open_page(service.url)
    stranger.until_text("#service", "The service does not answer")
