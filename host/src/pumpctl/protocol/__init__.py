"""The link as the host speaks it: lines, transports, requests, answers, refusals."""
