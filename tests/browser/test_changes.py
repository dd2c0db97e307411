"""What a user enters on the page: changes in two steps, parameters and their file, the log and its filter."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.chromium import LONGEST_S, Page
from pumpctl import defs, params_file
from service_process import Service

Open = Callable[..., Page]


def _rate(service: Service) -> int:
    rate: int = service.command("status")[1]["rate_ul_day"]
    return rate


def _param(service: Service, name: str) -> int:
    number = next(param.id for param in defs.PARAMS.values() if param.name == name)
    value: int = next(row[1] for row in service.command("params", first=number)[1]["rows"] if row[0] == number)
    return value


def test_a_higher_rate_is_read_back_and_set_only_when_it_is_confirmed(service: Service, infusing: Page) -> None:
    infusing.type("#dose [name=rate]", "1.5")
    infusing.click("#dose [value=rate]")
    infusing.until_text("#dose .agreement", "1.500 mL/day")
    assert infusing.text("#dose .agreement tbody tr").split() == [
        "rate",
        "ul",
        "day",
        "1.000",
        "mL/day",
        "1.500",
        "mL/day",
    ]
    assert infusing.run("document.activeElement.textContent") == "Discard"
    assert _rate(service) == 1000
    infusing.click("#dose .agreement .confirm")
    infusing.until_text("#dose", "The rate is set.")
    assert _rate(service) == 1500


@pytest.mark.parametrize("way", ["button", "key"])
def test_a_change_that_is_not_confirmed_is_discarded(service: Service, infusing: Page, way: str) -> None:
    infusing.type("#dose [name=rate]", "1500uL")
    infusing.press("Enter", key_code=13, text="\r")
    infusing.until_text("#dose .agreement", "1.500 mL/day")
    if way == "button":
        infusing.click("#dose .agreement .discard")
    else:
        infusing.press("Escape", key_code=27)
    infusing.until_text("#dose", "Discarded; nothing was changed.")
    assert _rate(service) == 1000
    assert service.command("draft")[1]["draft"] is None


def test_the_stop_works_while_a_change_waits(service: Service, infusing: Page) -> None:
    infusing.type("#dose [name=rate]", "2")
    infusing.click("#dose [value=rate]")
    infusing.until_text("#dose .agreement", "2.000 mL/day")
    infusing.click("#stop")
    infusing.until_text("#stopped", "Pump 1 is stopped.")
    infusing.click("#dose .agreement .confirm")
    infusing.until_text("#dose .refused", "no such pending change")
    assert _rate(service) == 1000


def test_what_the_pump_received_otherwise_is_discarded_and_told(service: Service, infusing: Page) -> None:
    infusing.run("""{
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (text) { send.call(this, text.replace('"ul_day":1500', '"ul_day":1600')); };
    }""")
    infusing.type("#dose [name=rate]", "1.5")
    infusing.click("#dose [value=rate]")
    infusing.until_text("#dose .refused", "rate_ul_day 1500 was sent and 1600 read back")
    assert service.command("draft")[1]["draft"] is None
    assert _rate(service) == 1000


def test_what_cannot_be_read_is_told_and_sends_nothing(service: Service, infusing: Page) -> None:
    infusing.type("#dose [name=rate]", "1,5")
    infusing.click("#dose [value=rate]")
    infusing.until_text("#dose .refused", "can't be read; write it as 1.5 (mL) or 1500uL.")
    assert _rate(service) == 1000


def test_a_parameter_is_set_and_one_beyond_its_limits_refused(service: Service, page: Page) -> None:
    page.click("#parameters summary")
    field = "#parameters [aria-label='silence_s in s']"
    page.until(f'document.querySelector("{field}").value === "120"')
    page.type(field, "60")
    page.click("#parameters [value=silence_s]")
    page.until_text("#parameters", "silence_s is now 60.")
    assert _param(service, "silence_s") == 60
    page.type(field, "600")
    page.click("#parameters [value=silence_s]")
    page.until_text("#parameters .refused", "10")
    assert _param(service, "silence_s") == 60


def _load(page: Page, path: Path, text: str) -> None:
    path.write_text(text)
    page.call("DOM.enable")
    root = page.call("DOM.getDocument")["root"]["nodeId"]
    node = page.call("DOM.querySelector", nodeId=root, selector="#parameters [type=file]")["nodeId"]
    page.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)


def test_parameters_are_saved_to_a_file_and_loaded_from_it(service: Service, page: Page, tmp_path: Path) -> None:
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.until("document.querySelector('#parameters tbody input').value !== ''")
    page.click("#parameters [name=save]")
    path = tmp_path / "parameters.toml"
    until = time.monotonic() + LONGEST_S
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.05)
    saved = params_file.load(path)
    assert saved.keys() == {param.name for param in defs.PARAMS.values()}
    saved.update(silence_s=30, soft_rate_ul_day=5000)
    _load(page, tmp_path / "changed.toml", params_file.text(saved, "as `pumpctl params save` writes it"))
    page.until_text("#parameters .agreement", "5.000 mL/day")
    page.click("#parameters .agreement .confirm")
    page.until_text("#parameters", "Set from the file: silence_s, soft_rate_ul_day.")
    assert (_param(service, "silence_s"), _param(service, "soft_rate_ul_day")) == (30, 5000)


def test_a_bad_file_changes_nothing(service: Service, page: Page, tmp_path: Path) -> None:
    for text, told in (
        ("{", "Line 1 of the file is not `name = number`; nothing was changed."),
        ("silence_s = 30\nother = 1", "There is no parameter other, in line 2 of the file; nothing was changed."),
        ("silence_s = 30\nlink_timeout_s = 1", "link_timeout_s 1 is outside 10 to 120 s; nothing was changed."),
        ('silence_s = "30"', "Line 1 of the file is not"),
        ("silence_s = 30\nsilence_s = 40", "silence_s is in the file twice"),
    ):
        _load(page, tmp_path / "bad.toml", text)
        page.until_text("#parameters .refused", told)
    assert _param(service, "silence_s") == 120


def test_two_pumps_are_compared(serve: Callable[..., Service], open_page: Open) -> None:
    service = serve("--port", "sim:", "--port", "sim:seed=2")
    assert service.get("pumps/2/commands/param_set", {"name": "silence_s", "value": 60})[0] == 200
    page = open_page(service.url)
    page.until("document.querySelectorAll('#parameters [name=other] option').length === 2")
    page.choose("#parameters [name=other]", "2")
    page.until_text("#parameters", f"Different from pump 2: 1 of {len(defs.PARAMS)} parameters.")
    assert page.run("document.querySelector('#parameters .differs th').firstChild.data") == "silence_s"


def test_the_log_has_what_was_recorded_and_what_arrives_and_is_filtered(service: Service, infusing: Page) -> None:
    infusing.until_text("#log tbody", "refilled")
    infusing.until_text("#log tbody", "state before: standby, state now: infusing")
    infusing.until_text("#log tbody", "power_on")
    numbers = infusing.run(
        "[...document.querySelectorAll('#log tbody tr')].map((row) => Number(row.cells[0].textContent))"
    )
    assert numbers == sorted(numbers, reverse=True)
    assert numbers == list(range(numbers[0], 0, -1))
    infusing.type("#log [name=filter]", "fluid: saline")
    infusing.until("[...document.querySelectorAll('#log tbody tr')].every((row) => row.innerText.includes('saline'))")
    infusing.type("#log [name=filter]", "no such thing")
    infusing.until_text("#log [role=status]", "0 of ")


def test_without_a_session_the_log_is_read_from_the_pump(serve: Callable[..., Service], open_page: Open) -> None:
    page = open_page(serve("--port", "sim:", "--no-record").url)
    page.until_text("#log tbody", "power_on")
