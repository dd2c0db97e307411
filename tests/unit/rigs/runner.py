"""Runs on MicroPython: `runner.py TOKEN FILE NAME…` calls test functions of one file and reports each result.

Lines that begin with the token are for conftest.py; all others are output of the tests.
"""

import io
import sys


def _traceback(error):
    text = io.StringIO()
    sys.print_exception(error, text)
    return text.getvalue()


def _call(function):
    try:
        function()
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return _traceback(error)
    return None


def main(token, file, names):
    def tell(word, text=""):
        print("\n" + token, word, repr(text))

    try:
        folder, _, name = file.rpartition("/")
        sys.path.append(folder)
        module = __import__(name[: -len(".py")])
    except Exception as error:
        tell("import", _traceback(error))
        return
    for name in names:
        tell("start", name)
        failure = _call(getattr(module, name))
        if failure is None:
            tell("passed")
        else:
            tell("failed", failure)
    tell("end")


main(sys.argv[1], sys.argv[2], sys.argv[3:])
