"""The main loop taken turn by turn, as in a browser's worker, does to the byte what it does when it waits by itself."""

import subprocess

import interpreters
import turns_run

_REPLAY = """
import options, sys
options.given = ["--time", "turns"] + sys.argv[1:]
import main
for line in sys.stdin:
    main.take(line)
    print("end of line")
"""


def test_a_pump_in_turns_does_what_a_waiting_one_does(tmp_path):
    lines = turns_run.recorded()
    script = tmp_path / "replay.py"
    script.write_text(_REPLAY)
    done = subprocess.run(
        interpreters.command("pico-sized", script, *turns_run.OPTIONS, heap_size=turns_run.HEAP),
        input="".join(f"{line}\n" for line, _ in lines), capture_output=True, text=True, check=False,
        env=turns_run.environment() | {"MICROPYPATH": ":".join(reversed(turns_run.PATH))}, cwd=interpreters.ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [part.strip("\n").splitlines() for part in done.stdout.split("end of line\n")]
    for (line, wanted), came in zip(lines, found, strict=False):
        assert turns_run.of_world(came) == turns_run.of_world(wanted), line
    assert len(found) == len(lines) + 1
    truth = turns_run.of_world(found[-5])[-1]  # the sample has resets and strokes
    assert truth["resets"] >= 3 and truth["pumped_nl"] > 0
