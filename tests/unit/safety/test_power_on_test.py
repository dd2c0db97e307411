"""The power-on test: every part is checked; an unfit one is named and blocks delivery."""

import part_fakes
import pump_rig
from pump import defs

REQUIREMENTS = ("S1",)


def test_fit_parts_lead_to_standby():
    pump = pump_rig.Pump()
    assert pump.controller.supervisor.state == defs.STATE_SELF_TEST
    pump.run(1)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    assert pump.board.annunciator.checks == 1
    assert pump.logged(defs.EVENT_PART_FAILED) == []


def test_unfit_part_is_a_fault_that_is_named():
    pump = pump_rig.Pump()
    pump.board.drive.unfit = True
    pump.run(1)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    rows = pump.logged(defs.EVENT_PART_FAILED)
    assert rows == [[defs.PART_DRIVE, defs.FAULT_NO_PULL_UP]]
    assert pump.controller.alarms.top == defs.ALARM_PART_FAILED
    assert pump.board.annunciator.light == defs.PRIORITY_HIGH


def test_all_unfit_parts_are_named():
    pump = pump_rig.Pump()
    pump.board.drive.unfit = True
    pump.board.pressure.off = True
    pump.board.level.off = True
    pump.run(1100)
    rows = pump.logged(defs.EVENT_PART_FAILED)
    assert [row[0] for row in rows] == [defs.PART_DRIVE, defs.PART_PRESSURE, defs.PART_LEVEL]
    assert pump.board.annunciator.checks == 1


def test_nothing_leads_out_of_the_fault_but_a_reset():
    pump = pump_rig.Pump()
    pump.board.pressure.off = True
    pump.run(1100)
    pump.board.pressure.off = False
    pump.run(pump_rig.MINUTE)
    pump.do("ack")
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert pump.refused("refill_begin") == defs.REFUSE_WRONG_STATE
    assert pump.board.drive.strokes == 0


def test_link_works_in_the_fault():
    pump = pump_rig.Pump()
    pump.board.level.off = True
    pump.run(1100)
    assert pump.do("status")["state"] == defs.STATE_FAULT


def test_parts_are_asked_once():
    pump = pump_rig.Pump()
    pump.run(pump_rig.HOUR)
    assert pump.board.annunciator.checks == 1


def test_part_that_needs_a_moment_is_asked_again():
    pump = pump_rig.Pump()
    pump.board.drive.not_ready = 5
    pump.run(100)
    assert pump.controller.supervisor.state == defs.STATE_SELF_TEST
    pump.run(1000)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    assert pump.board.annunciator.checks == 1


def test_an_answer_that_is_missing_for_up_to_a_second_is_no_fault_of_any_part():
    for part in ("pressure", "level", "supply", "temperature"):  # the step counter is on the chip: no bus disturbs it
        for missing_ms in (1, 500, 990):
            pump = pump_rig.Pump()
            getattr(pump.board, part).off = True
            pump.run(missing_ms)
            assert pump.controller.supervisor.state == defs.STATE_SELF_TEST
            getattr(pump.board, part).off = False
            pump.run(100)
            assert pump.controller.supervisor.state == defs.STATE_STANDBY, (part, missing_ms)
            assert pump.logged(defs.EVENT_PART_FAILED) == []
            assert pump.board.annunciator.checks == 1


def test_all_parts_that_do_not_answer_are_named_after_one_second():
    pump = pump_rig.Pump()
    for part in ("pressure", "level", "supply", "temperature"):
        getattr(pump.board, part).off = True
    pump.run(1001)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert len(pump.logged(defs.EVENT_PART_FAILED)) == 4


def test_part_that_never_gets_ready_is_a_fault():
    pump = pump_rig.Pump()
    pump.board.drive.not_ready = 1000
    pump.run(1500)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    assert pump.logged(defs.EVENT_PART_FAILED) == [[defs.PART_DRIVE, defs.FAULT_NOT_READY]]


# ---- memory and program ----------------------------------------------------------------------------------------------


def test_the_whole_program_is_tested_before_the_pump_may_do_anything():
    program = part_fakes.Program(100000)
    pump = pump_rig.Pump(program=program)
    for _ in range(10):
        pump.app.step()
        if pump.controller.supervisor.state != defs.STATE_SELF_TEST:
            break
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    assert sum([count for _, count in program.slices]) >= 100000
    assert pump.logged(defs.EVENT_TEST_FAILED) == []


def test_a_program_that_is_not_as_it_was_built_is_a_fault_that_is_named():
    for place in (0, 70000, 99999):
        program = part_fakes.Program(100000)
        program.content[place] ^= 1
        pump = pump_rig.Pump(program=program)
        pump.run(1)
        assert pump.controller.supervisor.state == defs.STATE_FAULT
        assert [row[0] for row in pump.logged(defs.EVENT_TEST_FAILED)] == [defs.TEST_PROGRAM]
        assert pump.controller.alarms.top == defs.ALARM_PART_FAILED


class _StuckCells:
    def __init__(self):
        self.cells = bytearray(8)

    def __len__(self):
        return 8

    def __getitem__(self, cell):
        return self.cells[cell]

    def __setitem__(self, cell, value):
        self.cells[cell] = value | (cell == 5)


def test_memory_that_fails_is_a_fault_and_the_program_is_tested_all_the_same():
    program = part_fakes.Program(10000)
    program.content[0] ^= 1
    pump = pump_rig.Pump(program=program, cells=_StuckCells())
    pump.run(1)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
    rows = pump.logged(defs.EVENT_TEST_FAILED)
    assert [row[0] for row in rows] == [defs.TEST_RAM, defs.TEST_PROGRAM]
    assert rows[0][1] == 5
