"""The set-up without a network: what it reuses, what it builds again, and its messages when something is missing."""

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from interpreters import LONGEST_S, ROOT, started
from toolchain import browser, interpreters, machine, source, steps, venv

_CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("MICROPYTHON")}


@pytest.fixture
def place(tmp_path):
    return steps.Place(tmp_path)


class Kitchen:
    """A step with one file, and the number of times that it was built."""

    def __init__(self, place, key="k"):
        self.place, self.made = place, 0
        self.product = steps.Product("bread", key, "baking", self._fill, ["loaf"])
        self.loaf = place.own / "bread" / "loaf"

    def _fill(self, folder, log):
        self.made += 1
        (folder / "loaf").write_text("warm")
        return {"made": self.made}

    def make(self):
        return steps.make(self.place, self.product)


def test_a_second_run_makes_nothing(place, capsys):
    kitchen = Kitchen(place)
    assert kitchen.make() == {"made": 1}
    assert capsys.readouterr().out == "setup: baking …\nsetup: baking: 0 s\n"
    assert kitchen.make() == {"made": 1}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "spoil",
    [
        lambda loaf: loaf.write_text("stale"),
        lambda loaf: loaf.unlink(),
        lambda loaf: loaf.with_name("stamp.json").unlink(),
        lambda loaf: loaf.with_name("stamp.json").write_text('{"key": "k", "files": {'),
        lambda loaf: loaf.with_name("stamp.json").write_text("[]"),
        lambda loaf: loaf.with_name("stamp.json").write_text('{"key": "k"}'),
    ],
    ids=["changed file", "lost file", "lost stamp", "half a stamp", "another stamp", "a stamp without files"],
)
def test_a_spoilt_product_is_not_trusted(place, spoil):
    kitchen = Kitchen(place)
    kitchen.make()
    spoil(kitchen.loaf)
    kitchen.make()
    assert kitchen.made == 2
    assert kitchen.loaf.read_text() == "warm"


def test_a_product_of_other_inputs_is_made_again(place):
    Kitchen(place, "rye").make()
    kitchen = Kitchen(place, "wheat")
    kitchen.make()
    assert kitchen.made == 1


@pytest.mark.parametrize("end", [KeyboardInterrupt(), steps.Trouble("No flour.", "Buy some."), OSError(28, "full")])
def test_an_interrupted_step_leaves_no_valid_product(place, end):
    def fill(folder, log):
        (folder / "loaf").write_text("half")
        raise end

    with pytest.raises(type(end)), steps.alone(place):
        steps.make(place, steps.Product("bread", "k", "baking", fill, ["loaf"]))
    assert not (place.own / "bread").exists()
    assert not (place.own / "work").exists()
    assert Kitchen(place).make() == {"made": 1}


def test_an_interrupted_step_keeps_the_earlier_product(place):
    Kitchen(place).make()

    def fill(folder, log):
        raise steps.Trouble("No flour.", "Buy some.")

    with pytest.raises(steps.Trouble):
        steps.make(place, steps.Product("bread", "new", "baking", fill, ["loaf"]))
    assert steps.read_stamp(place.own / "bread", "k") == {"made": 1}


def test_an_ended_set_up_takes_its_children_along_and_frees_the_lock(place):
    """The children hold the end of a pipe: it closes with the last of them, also where no parent reaps them."""
    pipe = place.root / "held"
    os.mkfifo(pipe)
    program = (
        "import sys; from pathlib import Path; from toolchain import steps\n"
        "place = steps.Place(Path(sys.argv[1]))\n"
        "with steps.alone(place):\n"
        "    hold = 'exec 9>' + sys.argv[2] + '; echo on >&9; sleep 1000 & wait'\n"
        "    steps.run(['sh', '-c', hold], place.log('sleep'))\n"
    )
    environment = {**_CLEAN, "PYTHONPATH": str(ROOT / "boards")}
    words = [sys.executable, "-c", program, str(place.root), str(pipe)]
    held = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with started(words, env=environment, stderr=subprocess.DEVNULL) as child, open(held, "rb") as reader:
        assert select.select([reader], [], [], LONGEST_S)[0], "the children did not start"
        assert reader.readline() == b"on\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait(LONGEST_S) != 0
        assert select.select([reader], [], [], LONGEST_S)[0], "the child's children live on"
        assert reader.read() == b""
    with (place.own / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.fixture
def pip(monkeypatch):
    """Replaces the commands of an environment: makes its interpreter and program, and lists what pip was asked for."""
    asked = []

    def run(command, log, *_):
        if "venv" in command:
            (command[-1] / "bin").mkdir()
            for name in ("python", "tool"):
                (command[-1] / "bin" / name).touch()
        else:
            asked.append([str(word) for word in command[command.index("--quiet") + 1 :]])
        return True

    monkeypatch.setattr(steps, "run", run)
    return asked


def make_environment(place, requirements, project=None):
    return venv.make(place, machine.Machine(), "tool-venv", requirements, ["tool"], project)


def test_an_environment_is_made_once(place, pip):
    link = make_environment(place, ["tool>=2"])
    assert make_environment(place, ["tool>=2"]) == link == place.build / "tool-venv"
    assert pip == [["tool>=2"]]
    assert (link / "bin" / "tool").exists()


def test_an_environment_of_other_requirements_or_without_its_program_is_made_again(place, pip):
    link = make_environment(place, ["tool>=2"])
    make_environment(place, ["tool>=3"])
    (link / "bin" / "tool").unlink()
    make_environment(place, ["tool>=3"])
    assert pip == [["tool>=2"], ["tool>=3"], ["tool>=3"]]


def test_the_environment_in_use_is_kept_until_the_change_after_the_next(place, pip):
    folders = [make_environment(place, [f"tool=={version}"]).resolve() for version in range(3)]
    assert [folder.exists() for folder in folders] == [False, True, True]


def test_an_environment_in_use_is_kept_where_build_is_a_symbolic_link(place, pip):
    (place.root / "elsewhere").mkdir()
    place.build.symlink_to("elsewhere")
    folders = [make_environment(place, [f"tool=={version}"]).resolve() for version in range(2)]
    assert [folder.exists() for folder in folders] == [True, True]


def test_a_project_in_an_environment_is_installed_editable_and_its_requirements_count(place, pip):
    project = place.root / "host"
    project.mkdir()
    for text in ("a", "b"):
        (project / "pyproject.toml").write_text(text)
        make_environment(place, ["pytest"], project)
    assert pip == [["pytest", "--editable", f"{project}[report,service]"]] * 2


def test_an_environment_that_pip_can_not_fill_is_not_used(place, monkeypatch):
    def run(command, log, *_):
        log.write_text("$ pip\nERROR: no such version\n")
        return "venv" in command

    monkeypatch.setattr(steps, "run", run)
    with pytest.raises(steps.Trouble, match=r"ERROR: no such version.*Check the network"):
        make_environment(place, ["tool>=9"])
    assert not (place.build / "tool-venv").exists()


class Bare(machine.Machine):
    """A computer without gcc-multilib; `root`: it may be installed; `mirror`: the download works."""

    def __init__(self, root, mirror=True):
        self.root, self.mirror, self.installed = root, mirror, []

    def is_root(self):
        return self.root

    def is_x86(self):
        return True

    def has(self, command):
        return command in ("gcc", "make", "apt-get")

    def builds(self, *flags):
        return "-m32" not in flags or "gcc-multilib" in self.installed

    runs = builds

    def install(self, packages, log):
        log.write_text("$ apt-get install\nReading lists\nE: Unable to fetch some archives\n")
        if self.mirror:
            self.installed += packages
        return self.mirror


def _need_32_bits(place, computer):
    machine.require(place, computer, {"gcc-multilib": lambda: computer.builds("-m32")})


def test_a_missing_package_is_named_with_the_command_to_type(place):
    with pytest.raises(steps.Trouble) as trouble:
        _need_32_bits(place, Bare(root=False))
    assert "Missing Debian packages: gcc-multilib." in str(trouble.value)
    assert "sudo apt-get install -y gcc-multilib" in str(trouble.value)
    assert "\n" not in str(trouble.value)


def test_root_installs_a_missing_package_once(place):
    computer = Bare(root=True)
    _need_32_bits(place, computer)
    _need_32_bits(place, computer)
    assert computer.installed == ["gcc-multilib"]


class Debian(Bare):
    def is_debian(self):
        return True

    def has(self, command):
        return command in self.installed or super().has(command)


def test_root_installs_the_browser_once(place, capsys):
    computer = Debian(root=True)
    assert browser.set_up(place, computer)
    assert browser.set_up(place, computer)
    assert computer.installed == ["chromium"]
    assert "skipped" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("root", "mirror", "why"),
    [(False, True, "only root on Debian can install it here"), (True, False, "Unable to fetch some archives")],
)
def test_without_a_browser_the_set_up_goes_on_and_says_what_is_skipped(place, capsys, root, mirror, why):
    assert not browser.set_up(place, Debian(root, mirror))
    told = capsys.readouterr()
    assert "the tests in a browser are skipped: " in told.err + told.out
    assert why in told.err + told.out


def test_a_package_that_does_not_install_is_reported_with_apts_message(place):
    with pytest.raises(steps.Trouble, match=r"E: Unable to fetch some archives.*Log: .*packages\.log"):
        _need_32_bits(place, Bare(root=True, mirror=False))


def test_without_root_the_64_bit_fallback_is_built_and_reported(place, monkeypatch, capsys):
    monkeypatch.delenv("MICROPYTHON", raising=False)
    (place.root / "boards" / "unix" / "variant").mkdir(parents=True)
    origin = steps.Product("source", "s", "source", lambda folder, log: {})
    builder = interpreters.Builder(place, Bare(root=False), origin)
    made = []
    monkeypatch.setattr(steps, "make", lambda place, product, before: made.append(product.name) or _PICO)
    assert builder.record()["kind"] == "single-float-64"
    assert made == ["single-float-64"]
    said = capsys.readouterr().out
    assert "using the 64-bit fallback" in said
    assert "sudo apt-get install -y gcc-multilib" in said


_PICO = {
    "name": "micropython", "version": "1.25.0", "single_floats": True, "ticks_top": (1 << 30) - 1,
    "word_top": (1 << 31) - 1, "heap_bytes": 190_000, "missing": [],
}


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({}, None),
        ({"single_floats": False}, "its floats are not single"),
        ({"ticks_top": (1 << 62) - 1}, "its ticks wrap after"),
        ({"word_top": (1 << 63) - 1}, "its words are not 32 bits"),
        ({"heap_bytes": 2_000_000}, "it ignores -X heapsize"),
        ({"missing": ["select.poll"]}, "it has no select.poll"),
        ({"version": "1.23.0"}, "it is version 1.23.0"),
        ({"name": "cpython"}, "it does not run as MicroPython"),
    ],
)
def test_a_wrong_build_is_explained(detail, words):
    wrong = interpreters.faults({**_PICO, **detail}, "pico-sized")
    assert len(wrong) == (words is not None)
    assert words is None or wrong[0].startswith(words)


@pytest.mark.parametrize("name", ["/nowhere/micropython", "/bin/true"])
def test_an_override_that_is_no_micropython_is_refused(place, monkeypatch, name):
    monkeypatch.setenv("MICROPYTHON", name)
    monkeypatch.setenv("MICROPYTHON_SRC", "")
    monkeypatch.setattr(source, "choose", lambda machine: None)
    with pytest.raises(steps.Trouble, match="MICROPYTHON: "):
        interpreters.set_up(place, Bare(root=False))
    assert not place.bin.exists()


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Puts stand-ins for commands first on the path; they also record their calls."""

    def put(**commands):
        folder = tmp_path / "fake"
        folder.mkdir()
        for name, script in commands.items():
            path = folder / name.replace("_", "-")
            path.write_text(f'#!/bin/sh\necho "$0 $*" >> {folder}/calls\n{script}\n')
            path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return folder / "calls"

    return put


_TARGETS = """
http://mirror.example/debian/ bookworm main
http://mirror.example/debian/ bookworm-updates main
http://mirror.example/debian-security/ bookworm-security main
http://other.example/linux/debian/ bookworm stable
"""


def test_a_download_that_fails_names_the_mirror_and_leaves_no_source(place, fake, monkeypatch):
    (place.root / "keyring").touch()
    monkeypatch.setattr(source, "_KEYRING", place.root / "keyring")
    told = f"cat <<'END'{_TARGETS}END\n"
    fake(apt_get=f"case $* in *indextargets*) {told};; *) echo 'E: no route to host'; exit 100;; esac")
    product = steps.Product("source", "s", "fetching", source._fetch)
    with pytest.raises(steps.Trouble) as trouble, steps.alone(place):
        steps.make(place, product)
    assert "(tried: http://mirror.example/debian/): E: no route to host" in str(trouble.value)
    assert str(place.own / "logs" / "source.log") in str(trouble.value)
    assert not (place.own / "source").exists()


def test_the_set_up_of_this_checkout_is_done_and_a_run_more_does_no_work(fake):
    calls = fake(apt_get="exit 1", make="exit 1", gcc="exit 1", pip="exit 1")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "boards")}
    words = [sys.executable, "-m", "toolchain", "tools"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), "run make setup"
    assert "…" not in done.stdout
    with contextlib.suppress(FileNotFoundError):
        assert "install" not in calls.read_text()


def test_the_interpreters_of_this_checkout_have_the_required_properties():
    said = json.loads((ROOT / "build" / "bin" / "toolchain.json").read_text())
    details = interpreters.examine(Path(said["interpreter"]))
    assert interpreters.faults(details, said["kind"]) == []
    assert details["version"] == said["version"]
    assert interpreters.faults(interpreters.examine(Path(said["stock"])), "stock") == []
