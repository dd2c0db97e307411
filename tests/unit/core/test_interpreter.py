"""Arithmetic and bytes of doses and frames, the same on every interpreter."""

import binascii
import hashlib
import struct

from micropython import const

_SMALL_TOP = const((1 << 30) - 1)


def test_const_is_its_value():
    assert _SMALL_TOP == 1073741823


def test_floor_division_and_remainder_round_towards_minus_infinity():
    assert (-7) // 2 == -4
    assert (-7) % 2 == 1
    assert divmod(-1_000_001, 1_000_000) == (-2, 999_999)


def test_whole_numbers_stay_exact_past_the_small_ones():
    a_month_pl = 24_000 * 1_000_000 * 31
    assert a_month_pl == 744_000_000_000
    assert (a_month_pl << 40) >> 40 == a_month_pl
    assert (_SMALL_TOP + 1) * (_SMALL_TOP + 1) == 1 << 60


def test_packed_bytes():
    assert struct.pack("<IhB", 0xDEADBEEF, -2, 7) == b"\xef\xbe\xad\xde\xfe\xff\x07"
    assert struct.unpack("<q", b"\xff" * 8) == (-1,)


def test_crc32_and_sha256():
    assert binascii.crc32(b"123456789") & 0xFFFFFFFF == 0xCBF43926
    digest = binascii.hexlify(hashlib.sha256(b"abc").digest())
    assert digest.startswith(b"ba7816bf8f01cfea414140de5dae2223")
