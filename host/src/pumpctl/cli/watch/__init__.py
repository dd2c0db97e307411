"""The verbs that watch a pump: its state once, or live until Ctrl-C."""
