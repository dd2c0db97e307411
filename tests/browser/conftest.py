"""A browser for the session of tests, and services with simulated pumps. Without Chromium these tests are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from pumpctl import checkout, errors
from service_process import Service

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.long("in a real browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[chromium.Browser]:
    if chromium.program() is None:
        pytest.skip("There is no Chromium here: `apt-get install chromium`")
    with chromium.Browser() as made:
        yield made


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sessions, and entries of running services, of this run only."""
    patch = pytest.MonkeyPatch()
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def real_pump(folders: None) -> None:
    try:
        checkout.find_interpreter(checkout.find_checkout())
    except errors.SimulatorMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def modules(real_pump: None, browser: chromium.Browser) -> Iterator[chromium.Page]:
    """A page whose modules are tested by calls; its pump is left alone."""
    with Service("--port", "sim:", "--no-record") as service, browser.page(service.url) as page:
        page.until_text("#alarms .state", "standby")
        yield page
        assert page.errors == []


@pytest.fixture
def serve(real_pump: None) -> Iterator[Callable[..., Service]]:
    """Starts a service that ends with the test."""
    made: list[Service] = []

    def start(*words: str) -> Service:
        made.append(Service(*words))
        return made[-1]

    yield start
    for service in made:
        if service.process.returncode is None:
            service.end()


@pytest.fixture
def service(serve: Callable[..., Service]) -> Service:
    """A service with a new pump, 60 times as fast as the clock."""
    return serve("--port", "sim:speed=60")


@pytest.fixture
def open_page(browser: chromium.Browser) -> Iterator[Callable[..., chromium.Page]]:
    """Opens a tab that ends with the test, and in which no script may have failed."""
    made: list[chromium.Page] = []

    def open_at(url: str, **size: int) -> chromium.Page:
        made.append(browser.page(url, **size))
        return made[-1]

    yield open_at
    found = [error for page in made for error in page.errors]
    for page in made:
        page.close()
    assert found == []


@pytest.fixture
def page(service: Service, open_page: Callable[..., chromium.Page]) -> chromium.Page:
    """The page of a new pump, shown and connected."""
    opened = open_page(service.url)
    opened.until_text("#alarms .state", "standby")
    return opened


@pytest.fixture
def infusing(service: Service, page: chromium.Page) -> chromium.Page:
    """The page of a pump that delivers 1 mL/day."""
    prepare(service)
    page.until_text("#alarms .state", "infusing")
    return page


def prepare(service: Service) -> None:
    """Fill the pump, plan 1 mL/day, start it."""
    done(service, "refill_begin")
    done(service, "refill_withdrawn", volume_nl=0)
    done(service, "refill_finish", volume_nl=16_000_000, fluid="saline")
    done(service, "therapy_set", profile="continuous", rows=[[1, 1000, 0, 0]])
    done(service, "start")


def done(service: Service, command: str, **fields: Any) -> dict[str, Any]:
    """Carry out a command, and confirm it when it needs that."""
    status, answer = service.command(command, **fields)
    assert status == 200, answer
    if answer.get("draft") is not None:
        status, confirmed = service.command("confirm", draft=answer["draft"], code=answer["code"])
        assert status == 200, confirmed
    return dict(answer)
