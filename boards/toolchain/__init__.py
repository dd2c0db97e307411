"""Sets up what the project runs on: the MicroPython builds and the Python tools, all of it under build/.

`python -m toolchain` (from make) is the way in. A step is made in a private folder and put in place by one rename; done
again only when something it was made from has changed.
"""
