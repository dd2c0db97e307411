"""The rig's world and the plant's own: the same steps, counted in passes of the main loop, move the same volume."""

from plant import world
from rig import stepped_world

_QUIET = dict(world.QUIET)


def _truth(the_world, *names):
    truth = the_world.truth()
    return [truth[name] for name in names]


def _stroke(the_world, steps=100, interval_ms=2, pass_ms=7, reverse=False):
    """The steps of a stroke as counted by a loop with passes of this length, for two seconds in all."""
    made = passed_ms = 0
    while passed_ms < 2000:
        passed_ms += pass_ms
        due = min(steps, passed_ms // interval_ms)
        the_world.go_on(pass_ms, due - made, reverse)
        made = due


def test_strokes_move_what_they_move_in_plants_own_world():
    for pass_ms in (1, 5, 7, 33, 100, 500, 2000):
        rig = stepped_world.SteppedWorld(_QUIET, 1)
        for _ in range(5):
            _stroke(rig, pass_ms=pass_ms)
        rig.go_on(60000, 0, False)
        seen = _truth(rig, "pumped_nl", "pumped_rest_pl", "delivered_nl", "steps_counted")
        assert seen == [1250, 0, 1250, 500], pass_ms


def test_the_line_relaxes_as_in_plants_own_world():
    rig = stepped_world.SteppedWorld(_QUIET, 1)
    plain = world.World(_QUIET, 1)
    for _ in range(3):
        _stroke(rig, pass_ms=5)
        plain.start_stroke(100, 2000)
        plain.advance(2000)
    rig_pa, plain_pa = rig.read_pressure_pa(), plain.read_pressure_pa()
    assert abs(rig_pa - plain_pa) < 20 and plain_pa > 13500


def test_a_stroke_is_over_a_pass_after_its_last_step():
    rig = stepped_world.SteppedWorld(_QUIET, 1)
    _stroke(rig, pass_ms=10)
    rig.go_on(10, 0, False)
    assert _truth(rig, "moving", "steps_counted") == [0, 100]


def test_each_stroke_has_its_own_error():
    rig = stepped_world.SteppedWorld(dict(_QUIET, drive_random_ppm=5000), 1)
    volumes = []
    before = 0
    for _ in range(4):
        _stroke(rig)
        nl, pl = _truth(rig, "pumped_nl", "pumped_rest_pl")
        volumes.append(nl * 1000 + pl - before)
        before += volumes[-1]
    assert len(set(volumes)) == 4
    assert all(240000 < pl < 260000 for pl in volumes)


def test_reverse_takes_back():
    rig = stepped_world.SteppedWorld(_QUIET, 1)
    _stroke(rig)
    rig.go_on(5, 3, True)
    rig.go_on(5, 3, False)
    rig.go_on(5, 0, False)
    assert _truth(rig, "pumped_nl", "steps_counted") == [250, 106]


def test_a_long_absence_is_one_piece():
    rig = stepped_world.SteppedWorld(_QUIET, 1)
    rig.go_on(3000000, 50, False)
    rig.go_on(3000000, 0, False)
    assert _truth(rig, "t_ms", "pumped_nl") == [6000000, 125]


def test_a_driver_that_is_the_pumps_own_can_not_be_told_to_be_silent():
    rig = stepped_world.SteppedWorld(_QUIET, 1)
    for action in ("drive_off", "drive_intermittent"):
        try:
            rig.do(action, 1)
            raise AssertionError(action)
        except ValueError as error:
            assert str(error) == "unknown action: " + action
    rig.do("drive_stuck")
    _stroke(rig)
    assert _truth(rig, "pumped_nl") == [0]
