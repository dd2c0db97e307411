"""The old fluid in the line goes first after a change."""

from pump import defs
from pump.reservoir import dead_volume

REQUIREMENTS = ("V4",)


def _make(volume_nl=300000):
    room = dead_volume.DeadVolume()
    room.configure(volume_nl)
    return room


def test_the_new_fluid_reaches_the_tip_after_the_dead_volume():
    room = _make(1000)
    room.change(defs.FLUID_SALINE)
    assert (room.tip_fluid, room.left_nl()) == (defs.FLUID_NONE, 1000)
    for left_nl in (750, 500, 250, 0):
        room.pass_on(250000)
        assert (room.tip_fluid, room.left_nl()) == (defs.FLUID_NONE, left_nl)
    room.pass_on(1)
    assert (room.tip_fluid, room.left_nl()) == (defs.FLUID_SALINE, 0)


def test_the_same_fluid_again_changes_nothing():
    room = _make(1000)
    room.change(defs.FLUID_SALINE)
    room.pass_on(250000)
    room.change(defs.FLUID_SALINE)
    assert room.left_nl() == 750


def test_hold_over_is_the_dead_volume_at_the_rate():
    room = _make()
    room.change(defs.FLUID_DRUG)
    assert room.old_fluid_s(1000) == 25920  # 0.3 mL at 1 mL/day
    assert room.old_fluid_s(24000) == 1080
    room.pass_on(500000)
    assert room.old_fluid_s(1000) == 299500 * 86400 // 1000000


def test_a_second_change_on_the_way_counts_the_whole_dead_volume_anew():
    room = _make(1000)
    room.change(defs.FLUID_SALINE)
    for _ in range(5):
        room.pass_on(250000)
    room.change(defs.FLUID_DRUG)
    room.pass_on(500000)
    room.change(defs.FLUID_SALINE)
    assert room.left_nl() in (0, 1000)
    assert room.tip_fluid == defs.FLUID_SALINE
