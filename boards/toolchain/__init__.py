"""Builds MicroPython and the images and installs the tools that the project needs, all under build/.

The product of a step is made in a private folder and moved to its place by one rename. A step runs again only when its
inputs have changed.

    __main__.py      the command that make calls
    steps.py         a step: private folder, stamp, log, lock
    machine.py       what this computer has; installs missing Debian packages
    source.py        MicroPython's source, from Debian or from a checkout
    interpreters.py  the unix builds and mpy-cross
    probe.py         runs on an interpreter and prints its properties
    images/          the images of the Pico boards
    emulator.py      the emulated Pico's packages
    browser.py       Chromium, for the tests of the service's page
    venv.py          Python environments: build/venv with the tools, and the type stubs
    lab.py           the environment of labgrid
    mutation.py      the environment of the mutation tests
    release.py       the files of a release
    package_list.py  firmware/files.json, the files that `make deploy` can replace
"""
