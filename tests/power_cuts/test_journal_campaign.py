"""The journal against cuts in every operation of the flash, and against every single flipped bit. CPython alone.

`make bench ONLY=journal` runs the same cuts in far greater number.
"""

import app_cuts
import app_flips
import journal_cuts
import journal_naive
import journal_wear
import pytest
from plant.parts import flash
from pump import persistence
from pump.journal import crc16, flash_area, journal, layout

REQUIREMENTS = ("L1", "L2", "L3")
_STROKES = 700
_EVENTS = 12


def test_cuts_cost_nothing() -> None:
    result = journal_cuts.Story(journal_cuts.kept_in, 500).run(9_000)
    assert (result.lost, result.doubled, result.formatted) == (0, 0, 0), result.findings
    assert result.cuts == 500 and result.recovery_worst_bytes <= 2 * flash.BLOCK


def test_the_check_finds_a_journal_that_loses() -> None:
    result = journal_cuts.Story(journal_naive.Naive, 200).run(50)
    assert result.formatted > 0 and result.lost > 0 and result.findings


def test_cuts_of_the_whole_pump_cost_nothing() -> None:
    result = app_cuts.Story(every=17).run(days=1)
    assert (result.lost, result.doubled, result.formatted) == (0, 0, 0), result.findings
    assert result.cuts >= 500 and 0 < result.book_worst_pl <= app_cuts.STROKE_PL
    assert result.recovery_worst_bytes <= 2 * flash.BLOCK


def test_the_check_finds_a_pump_that_forgets_strokes_and_one_that_doubles_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = persistence.Keeping._count_strokes

    def twice(self: persistence.Keeping, strokes: int, volume_pl: int, dose: bool) -> None:
        count(self, 2 * strokes, 2 * volume_pl, dose)

    for wrong, what in ((lambda *_: None, "lost"), (twice, "doubled")):
        monkeypatch.setattr(persistence.Keeping, "_count_strokes", wrong)
        assert getattr(app_cuts.Story(every=400).run(days=1), what) > 0


def test_the_flash_lasts_for_twenty_years_at_24_ml_a_day() -> None:
    worn = journal_wear.wear(journal_cuts.kept_in, journal_wear.STROKES_A_DAY // 5)
    assert worn["years"] >= 20 and worn["forced"] == 0, worn


def test_a_thousand_events_and_thirty_days_of_them_are_kept() -> None:
    kept = journal_wear.kept_events()
    assert kept >= 1000 and kept >= 30 * journal_wear.EVENTS_A_DAY, kept


class _Noted(journal_cuts.Chip):
    """Notes which bytes were ever read: the others can't change what is found."""

    noted: bytearray

    def read(self, at: int, buffer: bytearray) -> None:
        self.noted[at : at + len(buffer)] = b"\x01" * len(buffer)
        super().read(at, buffer)


def _a_day() -> _Noted:
    """A flash after some hundred strokes, with events, snapshots and two settings."""
    chip = _Noted()
    chip.noted = bytearray(chip.size)
    kept = journal_cuts.kept_in(chip)
    kept.recover()
    while kept.tend(1000, True):
        pass
    for number in range(_STROKES):
        assert kept.intent(journal_cuts.STROKE_PL) and kept.done()
        if number % 60 == 0:
            assert kept.save([number + 1, 2, 3])
        if number in (100, 400):
            assert kept.save_settings([number, -number])
        if number % (_STROKES // _EVENTS) == 0:
            assert kept.write(7, number, -number)
        kept.tend(1000, True)
    chip.noted = bytearray(chip.size)
    return chip


def _found(kept: journal.Journal) -> tuple[object, ...]:
    book_pl = kept.since_ul * 1_000_000 + kept.since_pl
    total = (kept.snapshot[0] + kept.strokes_since) if kept.snapshot else -1
    return total, book_pl, kept.snapshot, kept.settings, kept.uncertain, kept.recovered, kept.area


def _log(kept: journal.Journal) -> list[tuple[int, ...]]:
    return [kept.read(sequence) for sequence in range(kept.oldest(), kept.next)]


def test_every_flipped_bit_is_found_or_harmless() -> None:
    chip = _a_day()
    kept = journal_cuts.kept_in(chip)
    kept.recover()
    right, log, boots = _found(kept), _log(kept), kept.boots
    assert kept.area == flash_area.SOUND and right[0] == _STROKES and len(log) >= _EVENTS
    chip, noted = journal_cuts.Chip(), chip
    chip.data[:] = noted.data
    places = [at for at in range(chip.size) if noted.noted[at]]
    events = range(layout.EVENTS[1] * flash.BLOCK, layout.SETTINGS[1] * flash.BLOCK)
    told = 0
    for at in places:
        for bit in range(8):
            chip.data[at] ^= 1 << bit
            kept = journal_cuts.kept_in(chip)
            kept.recover()
            told += kept.damaged > 0
            where = (hex(at), bit, _found(kept))
            if kept.damaged:
                assert kept.area == flash_area.DAMAGED, where
                # The total of an older snapshot and of what came after it, or a stroke more.
                assert _STROKES <= _found(kept)[0] <= _STROKES + 1, where  # type: ignore[operator]
                assert kept.boots >= boots, where
            else:
                assert _found(kept) == right, where
            if at in events:
                for row in _log(kept):
                    assert row in log or row[3] == 0, (where, row)
            chip.data[at] ^= 1 << bit
    assert told > 1000


def test_flipped_bits_in_the_flash_of_a_whole_pump_are_found_or_harmless() -> None:
    result = app_flips.Flips(days=1).run(every=101)
    assert (result.silent, result.off) == (0, 0), result.findings
    assert result.flips > 200 and result.found > 100 and result.harmless > 0
    assert result.flips == result.found + result.harmless + result.held


def test_the_check_finds_a_pump_that_takes_flipped_bits_for_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crc16, "of", lambda *_: 0)
    result = app_flips.Flips(days=1).run(every=101)
    assert result.silent > 20 and result.findings


def test_a_bit_that_has_flipped_in_the_unused_part_is_passed_over() -> None:
    chip = _a_day()
    kept = journal_cuts.kept_in(chip)
    kept.recover()
    before, data = kept.strokes_since, bytes(chip.data)
    strokes = range(layout.STROKES[1] * flash.BLOCK, layout.EVENTS[1] * flash.BLOCK)
    ends = range(strokes.start + flash.BLOCK, strokes.stop, flash.BLOCK)
    sector = next(end for end in ends if data[end - 16 : end] == b"\xff" * 16) - flash.BLOCK
    for slot in range(254, 1, -1):
        at = sector + 16 * slot
        if data[at : at + 16] != b"\xff" * 16:
            break
        for place, count in ((at, 1), (at + 9, 40), (at + 15, 90)):
            chip.data[:] = data
            chip.data[place] ^= 16
            kept = journal_cuts.kept_in(chip)
            kept.recover()
            for _ in range(count):
                assert kept.intent(journal_cuts.STROKE_PL) and kept.done()
            kept = journal_cuts.kept_in(chip)
            kept.recover()
            assert before + count <= kept.strokes_since <= before + count + 1, (slot, count, kept.strokes_since)
