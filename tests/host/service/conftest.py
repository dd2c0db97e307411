"""Modules of the page, run by Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).parents[3] / "host" / "src" / "pumpctl" / "service" / "web"

Run = Callable[[str, Any], Any]


@pytest.fixture(scope="session")
def run_js(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a module beside those of the page; its `run` gets a value and returns one."""
    if shutil.which("node") is None:
        pytest.skip("There is no Node.js here: `apt-get install nodejs`")
    folder = tmp_path_factory.mktemp("web") / "web"
    shutil.copytree(WEB, folder)
    (folder / "package.json").write_text('{"type": "module"}')

    def run_it(module: str, value: Any) -> Any:
        (folder / "under_test.js").write_text(module, encoding="utf-8")
        main = "import { run } from './under_test.js'; import { readFileSync } from 'node:fs';"
        main += "console.log(JSON.stringify(await run(JSON.parse(readFileSync(0, 'utf8')))));"
        (folder / "main.js").write_text(main)
        done = subprocess.run(
            ["node", "main.js"], input=json.dumps(value), capture_output=True, encoding="utf-8", cwd=folder, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run_it
