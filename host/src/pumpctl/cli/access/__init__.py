"""The verbs about who may command a pump."""
