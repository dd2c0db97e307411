"""What Sensirion's flow sensors share: words of 16 bits, each followed by its CRC-8 (polynomial 0x31)."""


def crc8(data: "bytes | bytearray", at: int, crc: int) -> int:
    """Checksum of the two bytes from here on; `crc` is the start value of the part."""
    for place in range(at, at + 2):
        crc ^= data[place]
        for _ in range(8):
            crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc


def matches(data: "bytes | bytearray", at: int, crc: int) -> bool:
    """Whether the word from here on has the checksum that follows it."""
    return crc8(data, at, crc) == data[at + 2]


def signed(data: "bytes | bytearray", at: int) -> int:
    """The word from here on as a signed number, -32768 to 32767."""
    return ((data[at] << 8 | data[at + 1]) ^ 0x8000) - 0x8000
