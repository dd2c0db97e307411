"""CRC-16 of what is kept in flash; a change of up to three bits of a record is always found."""


def of(buffer: "bytes | bytearray", at: int, end: int, crc: int) -> int:
    """CRC-16/CCITT (polynomial 0x1021) of the bytes from `at` to `end`, going on from `crc`, 0..65535.

    Eight bits at a time without a table: Greg Cook's shifts. 4 bits are the least that can pass, up to 4 kB.
    """
    while at < end:
        mixed = (crc >> 8) ^ buffer[at]
        mixed ^= mixed >> 4
        crc = ((crc << 8) ^ (mixed << 12) ^ (mixed << 5) ^ mixed) & 0xFFFF
        at += 1
    return crc
