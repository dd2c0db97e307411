"""For MicroPython: answers each line of its terminal, by sending it back ("echo") or by executing it ("exec")."""

import sys


def main(how):
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        if how == "exec":
            exec(line)
        else:
            sys.stdout.write(line)


main(sys.argv[1])
