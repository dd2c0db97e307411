"""MicroPython's own module as CPython needs it, so that the firmware's logic runs there; on the path of tests alone."""


import builtins


def const(value):
    return value


def opt_level(level=None):
    return 0


def kbd_intr(character):
    pass


def viper(function):
    return function


def _ptr8(data):
    return data


builtins.ptr8 = _ptr8  # a word of the language where a function is machine code
