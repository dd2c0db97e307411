"""What the programme can need in an hour and in a day: the dose limits follow from it (D8)."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import params

# Half more than the rates give by themselves: over resets the limits count up to a third more than their span, and the
# trim and the beginning of a bucket add to it.
_NL_A_DAY = const(1500)  # of 1 uL/day
_PRIMES_A_DAY = const(2)  # one that fills the line, and one more when air is left in it
_DEAD_VOLUMES = const(3)  # in a prime: one fills the line, and two more drive the air out


def prime_nl(parameters: "params.Params") -> int:
    """The largest volume of a prime or a bridge, which one confirmation can't exceed."""
    return min(parameters.get(defs.PARAM_PRIME_LIMIT_NL), _DEAD_VOLUMES * parameters.get(defs.PARAM_DEAD_VOLUME_NL))


def hour_nl(parameters: "params.Params", ul_day: int) -> int:
    """Volume of an hour: this rate and the keep-open rate, the boluses that the lock-out allows, and a prime."""
    boluses = min(parameters.get(defs.PARAM_BOLUSES_PER_DAY), 60 // parameters.get(defs.PARAM_BOLUS_LOCKOUT_MIN) + 1)
    rates_nl = (ul_day + parameters.get(defs.PARAM_KEEP_OPEN_UL_DAY)) * _NL_A_DAY // 24
    return rates_nl + boluses * parameters.get(defs.PARAM_BOLUS_MAX_NL) + prime_nl(parameters)


def day_nl(parameters: "params.Params", ul_day: int) -> int:
    """Volume of a day: this rate and the keep-open rate, the allotted boluses, and two primes or bridges."""
    rates_nl = (ul_day + parameters.get(defs.PARAM_KEEP_OPEN_UL_DAY)) * _NL_A_DAY
    boluses_nl = parameters.get(defs.PARAM_BOLUSES_PER_DAY) * parameters.get(defs.PARAM_BOLUS_MAX_NL)
    return rates_nl + boluses_nl + _PRIMES_A_DAY * prime_nl(parameters)
