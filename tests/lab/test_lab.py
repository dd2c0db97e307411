"""The farm's files and commands agree; `make farm` tests the whole farm."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from lab import borrow, farm_demo

FOLDER = Path(farm_demo.__file__).parent
SHOWN = """Place 'pump-2':
  tags: board=rpi_pico
  matches:
    */pump-2/NetworkSerialPort
  acquired: bench/someone
  acquired resources:
    here/pump-2/NetworkSerialPort/RawSerialPort
  reservation: M7Y8DRYMZO
Acquired resource 'RawSerialPort' (here/pump-2/NetworkSerialPort/RawSerialPort):
  {'acquired': 'pump-2',
   'avail': True,
   'params': {'extra': {'path': '/dev/pts/7', 'proxy': 'localhost'},
              'host': '127.0.0.1',
              'port': 39449,
              'speed': 115200}}
"""


def test_an_acquired_place_gives_its_port() -> None:
    assert borrow.spot_of(SHOWN) == borrow.Spot("pump-2", "socket://127.0.0.1:39449")


@pytest.mark.parametrize(
    ("shown", "problem"),
    [
        ("", "no serial port"),
        (SHOWN.partition("Acquired resource '")[0], "no serial port"),
        (SHOWN.replace("39449", "None"), "opened no port for pump-2"),
    ],
)
def test_a_place_without_a_port_is_refused(shown: str, problem: str) -> None:
    with pytest.raises(borrow.FarmProblem, match=problem):
        borrow.spot_of(shown)


def test_places_borrowed_at_one_time_share_no_file() -> None:
    spots = [borrow.Spot(place, "socket://127.0.0.1:1") for place in farm_demo.PUMPS]
    one, other = (borrow.tests_of(spot, ["-k", "link"]) for spot in spots)
    assert "--target=pico:socket://127.0.0.1:1" in one
    assert one[-2:] == ["-k", "link"]
    written = [{word.rpartition("=")[2] for word in command if "=build/" in word} for command in (one, other)]
    assert len(written[0]) == 2
    assert not written[0] & written[1]


def test_what_follows_two_dashes_goes_to_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LG_COORDINATOR", "bench.example:20408")
    read = borrow.arguments(["board=rpi_pico", "bench=emulated", "--", "-k", "link"])
    assert (read.tags, read.tests) == (["board=rpi_pico", "bench=emulated"], ["-k", "link"])
    assert read.coordinator == "bench.example:20408"


@pytest.mark.parametrize("words", [[], ["rpi_pico"], ["board="], ["board=rpi pico"], ["--", "-k", "link"]])
def test_invalid_tags_end_with_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        borrow.main(words)
    assert end.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_borrowing_without_labgrid_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(borrow, "LABGRID", tmp_path)
    with pytest.raises(borrow.FarmProblem, match="make farm"), borrow.Coordinator("127.0.0.1:1").place(["a=b"], 1):
        pass


def test_each_pump_has_its_place_and_its_port() -> None:
    places, exporter = ((FOLDER / name).read_text() for name in ("places.yaml", "exporter.yaml"))
    groups = re.findall(r"^([\w-]+):", exporter, re.MULTILINE)
    assert tuple(groups) == tuple(re.findall(r"^([\w-]+):", places, re.MULTILINE)) == farm_demo.PUMPS
    assert tuple(re.findall(r"group: ([\w-]+)", places)) == farm_demo.PUMPS
    asked = re.findall(r"env\.(\w+)", exporter)
    given = farm_demo.exporter_environment(["/dev/pts/1", "/dev/pts/2"])
    assert [given[name] for name in asked] == ["/dev/pts/1", "/dev/pts/2"]


def test_a_comment_in_the_exporters_file_is_none_to_labgrids_templates() -> None:
    lines = (FOLDER / "exporter.yaml").read_text().splitlines()
    assert all(line.startswith("##") for line in lines if line.lstrip().startswith("#"))


def test_ser2net_listens_to_this_computer_alone(tmp_path: Path) -> None:
    script = (FOLDER / "loopback" / "ser2net").read_text()
    assert os.access(FOLDER / "loopback" / "ser2net", os.X_OK)
    stand_in = tmp_path / "ser2net"
    stand_in.write_text(script.replace("/usr/sbin/ser2net", "printf '%s\\n'").replace("exec ", ""))
    words = ["-Y", "connection: &con01#  accepter: telnet(rfc2217,mode=server),tcp,39449", "-Y", "  options:"]
    said = subprocess.run(["bash", str(stand_in), *words], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [words[0], words[1].replace("tcp,", "tcp,127.0.0.1,"), *words[2:]]


def test_two_borrowers_at_one_place_are_a_failure() -> None:
    said = ["borrow: pump-2 at socket://127.0.0.1:1\n.. 2 passed\n", "borrow: pump-1 at socket://127.0.0.1:2\n"]
    assert farm_demo.places_of(said) == ["pump-2", "pump-1"]
    with pytest.raises(borrow.FarmProblem, match="pump-1"):
        farm_demo.places_of([said[0], said[0]])
    with pytest.raises(borrow.FarmProblem, match="none"):
        farm_demo.places_of(["", ""])


def test_together_is_what_the_coordinator_saw() -> None:
    one, other = "pump-1: place acquired by bench/a\n", "pump-2: place acquired by bench/b\n"
    back = "pump-1: place released\n"
    assert farm_demo.were_together(f"listening on 127.0.0.1:1\n{one}{other}{back}")
    assert not farm_demo.were_together(one + back + other)


def test_labgrid_is_called_and_never_imported() -> None:
    files = [path for folder in ("hil", "host/src", "tests") for path in (borrow.ROOT / folder).rglob("*.py")]
    assert not [path for path in files if re.search(r"^\s*(import|from) labgrid", path.read_text(), re.MULTILINE)]
