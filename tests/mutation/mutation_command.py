"""Runs unit tests in CPython, fast and up to the first failure: `mutation_command.py dose/test_schedule …`."""

import importlib
import resource
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_SEARCHED = ("tests/unit/rigs", "tests/unit/chip_models", "tests/shim", "firmware", "hil")
# A mutant may loop for ever, fill the memory, or run on after its parent has ended.
_MEMORY_BYTES = 1 << 30
_CPU_S = 120


def main(names: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    sys.path[:0] = [str(_ROOT / folder) for folder in _SEARCHED]
    for path in names:
        folder, _, name = path.rpartition("/")
        sys.path.append(str(_ROOT / "tests/unit" / folder))
        module = importlib.import_module(name)
        for word, test in list(vars(module).items()):
            if word.startswith("test_"):
                test()


if __name__ == "__main__":
    main(sys.argv[1:])
