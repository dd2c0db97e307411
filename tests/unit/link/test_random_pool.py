"""Random bytes: never the same twice, also with noise that is stuck, a clock that stands, and after a reset."""

from pump.link import random_pool


def _stuck(buffer: bytearray) -> None:
    for at in range(len(buffer)):
        buffer[at] = 0x55


def _counting(buffer: bytearray) -> None:
    for at in range(len(buffer)):
        buffer[at] = at


def _pool(seed: bytes = b"s" * 32, label: bytes = b"board 1", noise=_counting) -> random_pool.RandomPool:
    return random_pool.RandomPool(seed, label, noise, lambda: 0)


def _draws(pool: random_pool.RandomPool, count: int) -> "list[bytes]":
    return [pool.draw() for _ in range(count)]


def test_no_draw_repeats_although_noise_and_clock_stand_still() -> None:
    draws = _draws(_pool(noise=_stuck), 500)
    assert len(set(draws)) == 500
    assert all(len(draw) == 32 for draw in draws)


def test_another_seed_another_label_and_other_noise_give_other_bytes() -> None:
    pools = (_pool(), _pool(seed=b"t" * 32), _pool(label=b"board 2"), _pool(noise=_stuck))
    firsts = [pool.draw() for pool in pools]
    assert len(set(firsts)) == len(firsts)


def test_noise_that_repeats_one_value_is_seen() -> None:
    pool = _pool(noise=_stuck)
    pool.draw()
    assert pool.stuck
    pool = _pool()
    pool.draw()
    assert not pool.stuck


def test_stuck_means_21_equal_values_in_a_row() -> None:
    rest = bytes(range(1, 30))
    assert not random_pool.is_stuck(rest + bytes(20) + rest)
    assert random_pool.is_stuck(rest + bytes(21) + rest)
    assert random_pool.is_stuck(rest + bytes(21))
    assert random_pool.is_stuck(bytes(21) + rest)
    assert not random_pool.is_stuck(b"")
