"""Marks the bench tests on a slow target as long, for `make test`; the rest is the plugin, pumpctl.testing.plugin."""

from __future__ import annotations

import pytest
from pumpctl.testing import plugin


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if plugin.is_slow(config, item):
            item.add_marker(pytest.mark.long("on a slow target"))
