"""`make fuzz SECONDS=600`: bytes of a pump, changed so that they reach more of the host's code (atheris, libFuzzer).

An input that ends in another error than those of pumpctl is saved beside the corpus, and shown with its traceback.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pumpctl"]):
    from campaign.link import fuzz_host

_LONGEST = 500  # bytes; a line has 512 at most


def main(seconds: int, corpus: Path) -> None:
    """Fuzz for so long; the folder keeps the inputs that reached something new."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(fuzz_host.seeds()):
        (corpus / f"seed{number}").write_bytes(text)
    options = [f"-max_total_time={seconds}", f"-max_len={_LONGEST}", f"-artifact_prefix={corpus.parent}/"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], fuzz_host.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
