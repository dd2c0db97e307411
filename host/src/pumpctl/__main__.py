"""`python -m pumpctl` is the command line."""

from pumpctl.cli import main

main()
