"""How long an answer may take; apart from the link's modules, so that the command line's help need not load them."""

from __future__ import annotations

TIMEOUT_S = 3.0  # of one request, with all its repetitions
