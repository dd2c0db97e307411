"""Writes the used blocks of an empty file system to a file. Arguments: FILE BLOCKS BLOCK_BYTES. Runs on MicroPython."""

import sys

import vfs


class Ram:
    """Flash in memory; `used` is how many of its first blocks were written."""

    def __init__(self, blocks, block_bytes):
        self.blocks, self.block_bytes, self.used = blocks, block_bytes, 0
        self.data = bytearray(b"\xff" * (8 * block_bytes))

    def readblocks(self, block, buffer, offset=0):
        start = block * self.block_bytes + offset
        buffer[:] = self.data[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        start = block * self.block_bytes + offset
        self.data[start : start + len(buffer)] = buffer
        self.used = max(self.used, block + 1)

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.blocks
        if operation == 5:
            return self.block_bytes
        if operation == 6:
            start = argument * self.block_bytes
            self.data[start : start + self.block_bytes] = b"\xff" * self.block_bytes
        return 0


ram = Ram(int(sys.argv[2]), int(sys.argv[3]))
vfs.VfsLfs2.mkfs(ram, progsize=256)
with open(sys.argv[1], "wb") as out:
    out.write(memoryview(ram.data)[: ram.used * ram.block_bytes])
