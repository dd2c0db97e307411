"""After a change of fluid, the old fluid in the line is delivered first."""

from pump import defs
from pump.reservoir import dead_volume

REQUIREMENTS = ("V4",)


def _make(volume_nl=300000):
    tank = dead_volume.DeadVolume()
    tank.configure(volume_nl)
    return tank


def test_the_new_fluid_reaches_the_tip_after_the_dead_volume():
    tank = _make(1000)
    tank.change(defs.FLUID_SALINE)
    assert (tank.tip_fluid, tank.left_nl()) == (defs.FLUID_NONE, 1000)
    for left_nl in (750, 500, 250, 0):
        tank.pass_on(250000)
        assert (tank.tip_fluid, tank.left_nl()) == (defs.FLUID_NONE, left_nl)
    tank.pass_on(1)
    assert (tank.tip_fluid, tank.left_nl()) == (defs.FLUID_SALINE, 0)


def test_the_same_fluid_again_changes_nothing():
    tank = _make(1000)
    tank.change(defs.FLUID_SALINE)
    tank.pass_on(250000)
    tank.change(defs.FLUID_SALINE)
    assert tank.left_nl() == 750


def test_the_time_of_the_old_fluid_is_the_dead_volume_at_the_rate():
    tank = _make()
    tank.change(defs.FLUID_DRUG)
    assert tank.old_fluid_s(1000) == 25920  # 0.3 mL at 1 mL/day
    assert tank.old_fluid_s(24000) == 1080
    tank.pass_on(500000)
    assert tank.old_fluid_s(1000) == 299500 * 86400 // 1000000


def test_a_second_change_on_the_way_counts_the_whole_dead_volume_anew():
    tank = _make(1000)
    tank.change(defs.FLUID_SALINE)
    for _ in range(5):
        tank.pass_on(250000)
    tank.change(defs.FLUID_DRUG)
    tank.pass_on(500000)
    tank.change(defs.FLUID_SALINE)
    assert tank.left_nl() in (0, 1000)
    assert tank.tip_fluid == defs.FLUID_SALINE
