"""The folder of `make web`, built from these sources, at a host that knows nothing but files."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import interpreters
from toolchain import steps
from toolchain.images import web


def build(folder: Path) -> bool:
    """Build it, unless what it needs is not installed; return whether it was built."""
    place = steps.Place(interpreters.ROOT)
    cross, package = place.bin / "mpy-cross", web.package_folder(place)
    if not cross.is_file() or not package.is_dir():
        return False
    web.build(place.root, cross, package, folder)
    return True


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Give the folder's address, which is not the root of its host."""
    handler = functools.partial(_Quiet, directory=str(folder.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/{folder.name}/"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        pass
