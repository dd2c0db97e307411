"""X25519 with the vectors of RFC 7748, sections 5.2 and 6.1."""

import binascii

from pump.link import x25519

REQUIREMENTS = ("C6",)
LONG = {"test_a_thousand_multiplications_give_the_point_of_the_rfc": "takes some 10 s"}

_hex = binascii.unhexlify

# Scalar, point, product.
_VECTORS = (
    (
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ),
    (
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ),
)
_ALICE = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
_ALICE_PUBLIC = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
_BOB = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
_BOB_PUBLIC = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
_SECRET = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
_AFTER_1 = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
_AFTER_1000 = "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"


def _product(scalar: bytes, point: bytes, bits: int = 255) -> bytes:
    multiplication = x25519.Multiplication(scalar, point)
    while not multiplication.run(bits):
        pass
    return multiplication.result()


def _iterated(times: int) -> bytes:
    scalar = point = x25519.BASE
    for _ in range(times):
        scalar, point = _product(scalar, point), scalar
    return scalar


def test_products_are_those_of_the_rfc() -> None:
    for scalar, point, product in _VECTORS:
        assert _product(_hex(scalar), _hex(point)) == _hex(product)


def test_both_sides_agree_on_the_secret_of_the_rfc() -> None:
    assert _product(_hex(_ALICE), x25519.BASE) == _hex(_ALICE_PUBLIC)
    assert _product(_hex(_BOB), x25519.BASE) == _hex(_BOB_PUBLIC)
    assert _product(_hex(_ALICE), _hex(_BOB_PUBLIC)) == _hex(_SECRET)
    assert _product(_hex(_BOB), _hex(_ALICE_PUBLIC)) == _hex(_SECRET)


def test_the_size_of_the_parts_makes_no_difference() -> None:
    for bits in (1, 7, 254, 255, 1000):
        assert _product(_hex(_ALICE), x25519.BASE, bits) == _hex(_ALICE_PUBLIC)


def test_repeated_multiplications_give_the_point_of_the_rfc() -> None:
    assert _iterated(1) == _hex(_AFTER_1)


def test_a_thousand_multiplications_give_the_point_of_the_rfc() -> None:
    assert _iterated(1000) == _hex(_AFTER_1000)


def test_points_of_low_order_give_zero() -> None:
    """A secret of zero tells both sides that the other one cheats."""
    prime = (1 << 255) - 19
    for number in (0, 1, prime - 1, prime, prime + 1):
        assert _product(_hex(_ALICE), number.to_bytes(32, "little")) == bytes(32)


def test_the_highest_bit_of_a_point_is_ignored() -> None:
    point = bytearray(_hex(_BOB_PUBLIC))
    point[31] |= 0x80
    assert _product(_hex(_ALICE), bytes(point)) == _hex(_SECRET)
