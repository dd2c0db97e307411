"""The journal with power cuts in every flash operation, and with every single bit flipped. CPython only.

`make bench ONLY=journal` runs the same with many more cuts.
"""

import app_cuts
import app_flips
import journal_cuts
import journal_naive
import journal_wear
import pytest
from plant.parts import flash
from pump.dose import stroke_account
from pump.journal import crc16, flash_area, journal, layout

REQUIREMENTS = ("L1", "L2", "L3")
_STROKES = 700
_EVENTS = 12


def test_cuts_cost_nothing() -> None:
    result = journal_cuts.Scenario(journal_cuts.open_journal, 500).run(9_000)
    assert (result.lost, result.doubled, result.formatted) == (0, 0, 0), result.findings
    assert result.cuts == 500 and result.recovery_worst_bytes <= 2 * flash.BLOCK


def test_the_checks_find_a_journal_that_loses_records() -> None:
    result = journal_cuts.Scenario(journal_naive.Naive, 200).run(50)
    assert result.formatted > 0 and result.lost > 0 and result.findings


def test_cuts_of_the_whole_pump_cost_nothing() -> None:
    result = app_cuts.Scenario(every=17).run(days=1)
    assert (result.lost, result.doubled, result.formatted) == (0, 0, 0), result.findings
    assert result.cuts >= 500 and 0 < result.book_worst_pl <= app_cuts.STROKE_PL
    assert result.recovery_worst_bytes <= 2 * flash.BLOCK


def test_the_checks_find_a_pump_that_loses_strokes_and_one_that_doubles_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = stroke_account.StrokeAccount.book_since

    def twice(self: stroke_account.StrokeAccount, strokes: int, volume_pl: int, dose: bool) -> None:
        usual(self, 2 * strokes, 2 * volume_pl, dose)

    for wrong, what in ((lambda *_: None, "lost"), (twice, "doubled")):
        monkeypatch.setattr(stroke_account.StrokeAccount, "book_since", wrong)
        assert getattr(app_cuts.Scenario(every=400).run(days=1), what) > 0


def test_the_flash_lasts_for_twenty_years_at_24_ml_a_day() -> None:
    worn = journal_wear.wear(journal_cuts.open_journal, journal_wear.STROKES_A_DAY // 5)
    assert worn["years"] >= 20 and worn["forced"] == 0, worn


def test_a_thousand_events_and_thirty_days_of_them_are_kept() -> None:
    count = journal_wear.stored_events()
    assert count >= 1000 and count >= 30 * journal_wear.EVENTS_A_DAY, count


def test_the_last_4800_strokes_are_kept_with_their_time() -> None:
    assert journal_wear.stored_strokes() >= 4800


class _Noted(journal_cuts.Chip):
    """Records which bytes are read, as the others can't change the result."""

    noted: bytearray

    def read(self, at: int, buffer: bytearray) -> None:
        self.noted[at : at + len(buffer)] = b"\x01" * len(buffer)
        super().read(at, buffer)


def _a_day() -> _Noted:
    """A flash after some hundred strokes, with events, snapshots and two settings."""
    chip = _Noted()
    chip.noted = bytearray(chip.size)
    journal = journal_cuts.open_journal(chip)
    journal.recover()
    while journal.tend(1000, True):
        pass
    for number in range(_STROKES):
        assert journal.intent(journal_cuts.STROKE_PL) and journal.done()
        if number % 60 == 0:
            assert journal.save([number + 1, 2, 3])
        if number in (100, 400):
            assert journal.save_settings([number, -number])
        if number % (_STROKES // _EVENTS) == 0:
            assert journal.write(7, number, -number)
        journal.tend(1000, True)
    chip.noted = bytearray(chip.size)
    return chip


def _found(journal: journal.Journal) -> tuple[object, ...]:
    total_pl = journal.since_ul * 1_000_000 + journal.since_pl
    total = (journal.snapshot[0] + journal.strokes_since) if journal.snapshot else -1
    return total, total_pl, journal.snapshot, journal.settings, journal.uncertain, journal.recovered, journal.area


def _log(journal: journal.Journal) -> list[tuple[int, ...]]:
    return [journal.read(sequence) for sequence in range(journal.oldest(), journal.next)]


@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.long("each bit of a day"))])
def test_every_flipped_bit_is_found_or_harmless(every: int) -> None:
    chip = _a_day()
    journal = journal_cuts.open_journal(chip)
    journal.recover()
    right, log, boots = _found(journal), _log(journal), journal.boots
    assert journal.area == flash_area.SOUND and right[0] == _STROKES and len(log) >= _EVENTS
    chip, noted = journal_cuts.Chip(), chip
    chip.data[:] = noted.data
    bits = [(at, bit) for at in range(chip.size) if noted.noted[at] for bit in range(8)][::every]
    events = range(layout.EVENTS[1] * flash.BLOCK, layout.SETTINGS[1] * flash.BLOCK)
    reported = 0
    for at, bit in bits:
        chip.data[at] ^= 1 << bit
        journal = journal_cuts.open_journal(chip)
        journal.recover()
        reported += journal.damaged > 0
        where = (hex(at), bit, _found(journal))
        if journal.damaged:
            assert journal.area == flash_area.DAMAGED, where
            # The total by an older snapshot and the strokes after it, or one stroke more.
            assert _STROKES <= _found(journal)[0] <= _STROKES + 1, where  # type: ignore[operator]
            assert journal.boots >= boots, where
        else:
            assert _found(journal) == right, where
        if at in events:
            for row in _log(journal):
                assert row in log or row[3] == 0, (where, row)
        chip.data[at] ^= 1 << bit
    assert reported > 1000 // every


def test_flipped_bits_in_the_flash_of_a_whole_pump_are_found_or_harmless() -> None:
    result = app_flips.Flips(days=1).run(every=101)
    assert (result.silent, result.off) == (0, 0), result.findings
    assert result.flips > 200 and result.found > 100 and result.harmless > 0
    assert result.flips == result.found + result.harmless + result.held


def test_the_checks_find_a_pump_that_accepts_flipped_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crc16, "of", lambda *_: 0)
    result = app_flips.Flips(days=1).run(every=331)
    assert result.silent > 2 and result.findings


def test_a_bit_that_has_flipped_in_the_unused_part_is_skipped() -> None:
    chip = _a_day()
    journal = journal_cuts.open_journal(chip)
    journal.recover()
    before, data = journal.strokes_since, bytes(chip.data)
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
            journal = journal_cuts.open_journal(chip)
            journal.recover()
            for _ in range(count):
                assert journal.intent(journal_cuts.STROKE_PL) and journal.done()
            journal = journal_cuts.open_journal(chip)
            journal.recover()
            assert before + count <= journal.strokes_since <= before + count + 1, (slot, count, journal.strokes_since)
