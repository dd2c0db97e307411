"""The firmware's version: what `hello` answers and a release is named after."""

VERSION = "0.1.0"
