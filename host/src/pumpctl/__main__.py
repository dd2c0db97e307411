"""`python -m pumpctl` is the command line."""

from pumpctl.cli.main import main

main()
