"""USB and UART links: no call waits, no byte is lost, and a host that stops reading blocks nothing."""

import micropython
from drivers.chip import link_uart, link_usb


class _Stream:
    """stdin or stdout with a buffer; a read or write that would block fails the test."""

    def __init__(self, space=0):
        self.waiting = bytearray()
        self.taken = bytearray()
        self.space = space
        self.buffer = self

    def readinto(self, target):
        assert len(target) <= len(self.waiting), "a read that blocks"
        target[:] = self.waiting[: len(target)]
        self.waiting = self.waiting[len(target) :]
        return len(target)

    def write(self, data):
        assert len(data) <= self.space, "a write that blocks"
        self.space -= len(data)
        self.taken += bytes(data)
        return len(data)


class _Poll:
    def __init__(self):
        self.wanted = []

    def register(self, stream, mask):
        self.wanted.append((stream, mask))

    def ipoll(self, span_ms):
        assert span_ms == 0
        for stream, mask in self.wanted:
            event = (1 if mask & 1 and stream.waiting else 0) | (4 if mask & 4 and stream.space else 0)
            if event:
                yield stream, event


def _usb(space=0, **more):
    stdin, stdout = _Stream(), _Stream(space)
    return stdin, stdout, link_usb.UsbLink(stdin, stdout, _Poll, **more)


def test_usb_gives_what_is_there_and_never_waits():
    stdin, _, link = _usb()
    link.check()
    buffer = bytearray(128)
    assert link.read_into(buffer) == 0
    stdin.waiting += b'{"cmd":"status"}\n'
    assert link.read_into(buffer) == 17
    assert bytes(buffer[:17]) == b'{"cmd":"status"}\n'
    assert link.read_into(buffer) == 0
    stdin.waiting += bytes(range(100))
    assert link.read_into(buffer) == 64  # the rest in the next call
    assert link.read_into(buffer) == 36
    assert bytes(buffer[:36]) == bytes(range(64, 100))
    stdin.waiting += b"abcdef"
    assert link.read_into(bytearray(4)) == 4
    assert bytes(stdin.waiting) == b"ef"


def test_usb_sends_what_fits_and_never_waits():
    _, stdout, link = _usb(10)
    data = memoryview(b"0123456789abcdef")
    assert link.write(data) == 10
    assert link.write(data[10:]) == 0
    stdout.space = 100
    assert link.write(data[10:]) == 6
    assert bytes(stdout.taken) == b"0123456789abcdef"
    assert link.write(b"") == 0


def test_usb_turns_ctrl_c_off_in_a_release_and_leaves_it_in_a_development_image():
    seen = []
    kept = micropython.kbd_intr
    try:
        micropython.kbd_intr = seen.append
    except AttributeError:  # a built-in module can't be changed
        return
    try:
        _usb()
        _usb(ctrl_c=True)
    finally:
        micropython.kbd_intr = kept
    assert seen == [-1, 3]


class _Uart:
    def __init__(self):
        self.waiting = bytearray()
        self.taken = bytearray()
        self.space = 0

    def any(self):
        return len(self.waiting)

    def readinto(self, buffer, count):
        assert 0 < count <= len(self.waiting), "a read that blocks"
        buffer[:count] = self.waiting[:count]
        self.waiting = self.waiting[count:]
        return count

    def write(self, data):
        count = min(self.space, len(data))
        self.taken += bytes(data)[:count]
        self.space -= count
        return count or None


def test_uart_link_both_ways():
    uart = _Uart()
    link = link_uart.UartLink(uart)
    link.check()
    buffer = bytearray(8)
    assert link.read_into(buffer) == 0
    uart.waiting += b"0123456789"
    assert link.read_into(buffer) == 8
    assert link.read_into(buffer) == 2
    assert bytes(buffer[:2]) == b"89"
    assert link.write(b"abc") == 0
    uart.space = 2
    assert link.write(b"abc") == 2
    uart.space = 9
    assert link.write(memoryview(b"abc")[2:]) == 1
    assert bytes(uart.taken) == b"abc"


def test_an_uart_that_gives_nothing_although_it_said_so_has_given_no_bytes():
    uart = _Uart()
    uart.any = lambda: 3
    uart.readinto = lambda buffer, count: None
    link = link_uart.UartLink(uart)
    assert link.read_into(bytearray(8)) == 0


def test_usb_waits_for_bytes_and_for_space_and_takes_no_other_event_for_them():
    polls = []

    def poll():
        polls.append(_Poll())
        return polls[-1]

    stdin, stdout = _Stream(), _Stream(10)
    link = link_usb.UsbLink(stdin, stdout, poll)
    assert [made.wanted for made in polls] == [[(stdin, 1)], [(stdout, 4)]]
    link._readable = lambda span_ms: iter([(stdin, 16)])  # the other end has hung up
    assert link.read_into(bytearray(8)) == 0
