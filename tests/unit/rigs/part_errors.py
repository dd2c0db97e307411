"""Which fault a part reports."""

from pump import hal


def raised(function, *arguments):
    """The number of the PartError that a call raises, one of defs.FAULT_*; None when it raises none."""
    try:
        function(*arguments)
    except hal.PartError as error:
        return error.args[0]
    return None
