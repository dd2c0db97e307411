"""Sine in whole numbers, and how a first-order line damps and delays it."""

ONE = 16384  # represents a sine of 1; shift a product right by 14
TURN = 4096  # a whole turn

# round(16384 * sin(2 pi i / 64)), first quarter. Linear interpolation has an error of 0.12 % at most.
_QUARTER = [0, 1606, 3196, 4756, 6270, 7723, 9102, 10394, 11585, 12665, 13623, 14449, 15137, 15679, 16069, 16305, 16384]
_HALF = _QUARTER + _QUARTER[-2::-1]
_SINE = _HALF + [-value for value in _HALF[1:]]


def sine(position: int) -> int:
    """Sine of position / 4096 of a turn, -16384..16384; the position is 0..4095."""
    table = _SINE
    index = position >> 6
    start = table[index]
    return start + ((table[index + 1] - start) * (position & 63) + 32 >> 6)


def root(square: int) -> int:
    """Floor of the square root (Newton), for big numbers, at configuration only."""
    if square < 2:
        return square
    bits = 0
    while square >> bits:
        bits += 1
    guess = 1 << (bits + 1) // 2
    while True:
        better = (guess + square // guess) >> 1
        if better >= guess:
            return guess
        guess = better


def gain_through(tau_ms: int, period_ms: int) -> int:
    """Gain of a line for a sine, 1 / sqrt(1 + (w tau)^2), in units of 1/16384."""
    w_tau = tau_ms * 6588397 // period_ms  # 2 pi in 2^-20
    return (ONE << 20) // root((1 << 40) + w_tau * w_tau)


def lag_through(tau_ms: int, period_ms: int) -> int:
    """Phase lag of a line for a sine, atan(w tau), in 4096ths of a turn: 0..1024."""
    w_tau = tau_ms * 6588397 // period_ms
    low = 0
    high = TURN // 4
    while low < high:
        middle = (low + high) >> 1
        if sine(middle) << 20 < w_tau * sine(TURN // 4 - middle):
            low = middle + 1
        else:
            high = middle
    return low
