"""Answers that come in pages: how many rows a page has, where the next one begins, and what ends them."""

import journal_store
import persistence_rig
import pump_rig
from pump import defs, hal


def _pages(pump, command):
    """The rows of each page from the first to the last."""
    pages, first = [], 0
    while first is not None:
        answer = pump.do(command, first=first)
        pages.append(answer["rows"])
        first = answer["next"]
    return pages


def test_params_and_log_have_eight_rows_a_page_and_end_with_the_last_one():
    pump = pump_rig.Pump()
    pump.run(0)
    pages = _pages(pump, "params")
    assert [len(rows) for rows in pages[:-1]] == [8] * (len(pages) - 1)
    assert sum(pages, []) == [[number, row[3]] for number, row in enumerate(defs.PARAMS)]
    assert pump.do("params", first=len(defs.PARAMS) - 8)["next"] is None
    while len(pump.log()) < 20:
        pump.do("time_set", day=1, second=1)
    assert [len(rows) for rows in _pages(pump, "log")] == [8, 8, 4]
    assert sum(_pages(pump, "log"), []) == pump.log()
    last = pump.app.journal.next - 8
    answer = pump.do("log", first=last)
    assert ([row[0] for row in answer["rows"]], answer["next"]) == (list(range(last, last + 8)), None)


def test_nineteen_alarms_are_listed_those_of_the_highest_priority():
    pump = pump_rig.Pump()
    pump.run(0)
    for count in (19, 20):
        numbers = [row[0] for row in defs.ALARMS[:count]]
        for number in numbers:
            pump.controller.alarms.latch(number)
        pump.controller.evaluate(pump.board.clock.now)
        listed = [row[0] for row in pump.do("alarms")["rows"]]
        assert len(pump.controller.alarms.rows()) == count and len(listed) == 19
    assert listed == [row[0] for row in pump.controller.alarms.rows()][:19]


def test_the_flash_is_read_in_pages_of_128_bytes_up_to_its_end():
    pump = persistence_rig.new()
    pump.run(0)
    pump.do("time_set", day=1, second=1)
    size = pump.do("journal")["size_bytes"]
    assert size == pump.board.store.size
    data = bytes(pump.board.store.data)
    written = max(at for at in range(size) if data[at] != 0xFF) // 128 * 128
    for at in (0, 128, written, size - 256, size - 128):
        answer = pump.do("journal_read", at=at)
        page = data[at : at + 128]
        assert answer["hex"] == (None if page == b"\xff" * 128 else page.hex()), at
        assert answer["next"] == (at + 128 if at < size - 128 else None)
    for at in (1, 127, 129, size - 127, size, size + 128):
        answer = pump.ask("journal_read", at=at)
        told = [answer[name] for name in ("refused", "field", "value", "min", "max")]
        assert told == [defs.REFUSE_OUT_OF_RANGE, "at", at, 0, size - 128]


def test_flash_that_cannot_be_read_is_a_refusal_with_the_fault():
    class Flash(journal_store.Flash):
        broken = False

        def read(self, at, buffer):
            if self.broken:
                raise hal.PartError(defs.FAULT_BAD_CHECKSUM)
            super().read(at, buffer)

    pump = pump_rig.Pump(store=Flash())
    pump.run(0)
    pump.board.store.broken = True
    answer = pump.ask("journal_read", at=0)
    assert (answer["refused"], answer["value"]) == (defs.REFUSE_NOTHING_TO_DO, defs.FAULT_BAD_CHECKSUM)
    pump.board.store.broken = False
    assert pump.do("journal_read", at=0)["next"] == 128


def test_the_trace_comes_in_pages_of_sixteen_samples_that_hold_them_all_once():
    pump = pump_rig.Pump()
    pump.run(0)
    assert _pages(pump, "trace") == [[]]
    trace = pump.controller.monitor.trace
    samples = []
    for stroke in range(3):
        trace.begin()
        for number in range(14):
            trace.add(10 * number, 13000 + 5 * number)
            samples.append([2 - stroke, 10 * number, 13000 + 5 * number])
    pages = _pages(pump, "trace")
    assert [len(rows) for rows in pages] == [16, 16, 10]
    assert sum(pages, []) == samples
    assert pump.do("trace", first=26)["next"] is None


def test_help_lists_each_word_that_is_answered_when_it_is_typed_alone_and_no_other():
    pump = pump_rig.Pump()
    pump.run(0)
    words = pump.do("help")["words"]
    granted = []
    for name in sorted(defs.COMMANDS):
        granted += [name for said in pump.say(name.encode() + b"\n") if said.get("ok")]
    assert words == granted
    assert "params" in words and "status" in words
