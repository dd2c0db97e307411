"""Sets up what the project runs on: the MicroPython builds and the Python tools, all of it under build/.

A step is made in a private folder and put in place by one rename; it is repeated only when its inputs have changed.

    __main__.py      the command that make calls
    steps.py         a step: private folder, stamp, log, lock
    machine.py       what this computer has, and how missing Debian packages are installed
    source.py        MicroPython's source, from Debian or from a checkout
    interpreters.py  the unix builds and mpy-cross
    probe.py         runs on an interpreter and prints its properties
    images/          the images of the Pico boards
    emulator.py      the emulated Pico's packages
    venv.py          the Python tools and the type stubs
    side_venv.py     further environments: lab.py for labgrid, mutation.py for the mutation tests
    package_list.py  package.json, the files that mpremote and `make deploy` copy
"""
