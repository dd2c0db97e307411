"""A flash of layout version 1, written by firmware that had no ring of faults, is foreign: it is left as it is."""

import flash_vectors
import journal_store
import pump_rig
from pump import defs
from pump.journal import flash_area

REQUIREMENTS = ("L2",)


def test_a_flash_of_version_1_holds_the_pump_is_named_and_every_byte_of_it_stays():
    for name in flash_vectors.NAMES:
        vector = flash_vectors.load(name)
        image = flash_vectors.image(vector)
        pump = flash_vectors.pump(vector)
        pump.run(10 * pump_rig.MINUTE)
        told = pump.do("journal")
        assert (told["area"], told["unfit"]) == ("foreign", "foreign")
        assert [row[0] for row in pump.controller.alarms.rows()] == [defs.ALARM_JOURNAL_UNFIT]
        assert pump.controller.plan.profile == -1 and pump.controller.account.strokes == 0, "nothing is made up of it"
        assert pump.refused("start") == defs.REFUSE_HELD
        assert bytes(pump.board.store.data) == image


def test_it_is_used_after_an_operator_has_cleared_it():
    pump = flash_vectors.pump(flash_vectors.load("infusing"))
    pump.change("journal_clear")
    pump.run(2 * pump_rig.MINUTE)
    assert pump.do("journal")["unfit"] == "none"
    pump.do("ack")
    pump_rig.infuse(pump, 1000)
    pump.run(pump_rig.HOUR)
    after = pump_rig.Pump(store=pump.board.store)
    assert after.controller.account.strokes == pump.controller.account.strokes > 0
    assert journal_store.boot(pump.board.store).area == flash_area.SOUND
