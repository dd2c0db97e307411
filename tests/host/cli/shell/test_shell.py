"""`ports`, `config`, values behind Tab, `sim --ready` and `--link`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pumpctl import configuration, defs, running
from pumpctl.cli import completion
from pumpctl.cli.main import app
from typer.testing import CliRunner


def test_running_pumps_and_services_are_listed_with_the_ports(run: Any) -> None:
    simulated = running.Pump("1", "sim:", "/dev/pts/9", world="/x")
    served = running.Pump("1", "/dev/ttyACM0", "/dev/ttyACM0", line="socket://127.0.0.1:7")
    with running.entered("", [simulated]), running.entered("http://127.0.0.1:8421", [served]):
        found = {row["kind"]: row for row in json.loads(run("ports", "--json", port=None)[1])}
        assert (found["simulated"]["port"], found["simulated"]["pid"]) == ("/dev/pts/9", os.getpid())
        assert (found["served"]["port"], found["served"]["url"]) == ("socket://127.0.0.1:7", "http://127.0.0.1:8421")
        shown = run("ports", port=None)[1]
    assert "/dev/ttyACM0 of the service at http://127.0.0.1:8421, pid" in shown
    assert run("ports", port=None)[1] == ""


def test_the_configuration_is_shown_set_and_unset(run: Any, pty_device: Any) -> None:
    assert run("config", "set", "port", pty_device.port, port=None)[0] == 0
    assert run("config", "set", "timeout_s", "1", port=None)[0] == 0
    assert run("info", port=None)[0] == 0
    keys = json.loads(run("config", "show", "--json", port=None)[1])["keys"]
    assert keys == {
        "port": {"value": pty_device.port, "from": "file"},
        "set_clock": {"value": True, "from": "default"},
        "timeout_s": {"value": 1, "from": "file"},
    }
    assert run("config", "unset", "port", port=None)[0] == 0
    assert run("info", port=None)[0] == 3
    for words in (("set", "prot", "x"), ("unset", "prot"), ("set", "timeout_s", "soon")):
        code, out, err = run("config", *words, port=None)
        assert (code, out, err.count("\n")) == (2, "", 1)
    assert set(keys) == set(configuration.KEYS)


def test_an_unknown_key_is_refused_by_every_verb_that_needs_the_file(run: Any) -> None:
    place = configuration.path()
    place.parent.mkdir(parents=True)
    place.write_text("prot = 1\n")
    for words in (("status",), ("config", "show")):
        code, _, err = run(*words, port=None)
        assert (code, "did you mean port?" in err) == (2, True)


@pytest.mark.parametrize(
    ("offer", "beginning", "expected"),
    [
        (completion.params, "low_t", ["low_time_h"]),
        (completion.alarms, "occl", ["occlusion"]),
        (completion.states, "in", ["infusing"]),
        (completion.profiles, "t", ["timed"]),
        (completion.fluids, "d", ["drug"]),
        (completion.purposes, "b", ["bridge"]),
        (completion.overrides, "soft_b", ["soft_bolus"]),
        (completion.keys, "po", ["port"]),
        (completion.sessions, "la", ["last"]),
        (completion.ports, "s", ["sim:"]),
    ],
)
def test_tab_offers_values(offer: Callable[[str], list[str]], beginning: str, expected: list[str]) -> None:
    assert offer(beginning) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("pumpctl params set low_t", "low_time_h"),
        ("pumpctl wait --state pri", "priming"),
        ("pumpctl --port em", "emulated:"),
        ("pumpctl ack occl", "occlusion"),
    ],
)
def test_tab_reaches_the_values_of_a_verb(words: str, expected: str) -> None:
    environment = {"_PUMPCTL_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert CliRunner().invoke(app, [], prog_name="pumpctl", env=environment).stdout.split() == [expected]
    assert expected == "emulated:" or any(
        entry.name == expected for table in (defs.PARAMS, defs.STATES, defs.ALARMS) for entry in table.values()
    )


def started(*words: str) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", "pumpctl", "sim", "--json", *words]
    return subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_link_leads_to_the_port_while_the_pump_runs(run: Any, checkout: Path, tmp_path: Path) -> None:
    link = tmp_path / "pump"
    link.symlink_to("/dev/pts/987654")  # left behind by a pump that was killed
    with started("--link", str(link)) as process:
        assert process.stdout
        assert json.loads(process.stdout.readline()) == {"port": str(link)}
        assert run("info", port=str(link))[0] == 0
        with started("--link", str(link)) as second:
            _, err = second.communicate()
        assert (second.returncode, "already exists" in err) == (2, True)
        process.communicate("quit\n")
    assert not link.is_symlink()


def test_a_file_is_not_replaced_by_a_link(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "other").symlink_to(tmp_path / "nothing")  # leads nowhere, but was made by someone else
    for name in ("file", "other"):
        with started("--link", str(tmp_path / name)) as process:
            _, err = process.communicate()
        assert (process.returncode, "already exists" in err) == (2, True)
    assert (tmp_path / "file").read_text() == "mine"
