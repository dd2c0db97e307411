"""Each safety requirement names tests that exist, each test file the requirements that name it, and the named tests run."""

from typing import Any

import conftest_under_test
import pytest
import traceability
