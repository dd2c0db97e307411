"""MPR, ABP and ABP2 against models of the parts: values, age, and each fault of bus and part by its number."""

import i2c_models
from drivers.sensors import pressure_abp, pressure_abp2, pressure_mpr
from part_errors import raised
from pump import defs

_PSI25 = 172369


def _mpr(function=pressure_mpr.A, lowest=0, highest=_PSI25):
    bus = i2c_models.Bus()
    part = i2c_models.Mpr(bus, 0x18)
    return bus, part, pressure_mpr.HoneywellMpr(bus, lowest, highest, function)


def _abp2():
    bus = i2c_models.Bus()
    part = i2c_models.Mpr(bus, 0x28, temperature=6291456)
    return bus, part, pressure_abp2.HoneywellAbp2(bus, 0, 100000)


def _abp():
    bus = i2c_models.Bus()
    part = i2c_models.Abp(bus, 0x28)
    return bus, part, pressure_abp.HoneywellAbp(bus, 0, 103421)


def _measure(bus, sensor):
    """A new value: begin, wait, read."""
    bus.now_ms += 6
    sensor.begin()
    bus.now_ms += 6
    return sensor.read_pa()


def test_mpr_values_over_the_range_of_each_transfer_function():
    for function in (pressure_mpr.A, pressure_mpr.B, pressure_mpr.C):
        for lowest, highest in ((0, _PSI25), (0, 413685), (-34474, 34474)):
            bus, part, sensor = _mpr(function, lowest, highest)
            least, most = function
            for per_mille in (-40, 0, 1, 250, 500, 999, 1000, 1040):
                part.count = least + (most - least) * per_mille // 1000
                exact = lowest + (highest - lowest) * (part.count - least) // (most - least)
                assert abs(_measure(bus, sensor) - exact) <= 3, (function, per_mille)


def test_mpr_a_read_gives_what_the_call_before_began():
    bus, part, sensor = _mpr()
    assert raised(sensor.read_pa) == defs.FAULT_NOT_READY
    for share in (1, 2, 3, 4):
        part.count = 1677722 + 1342177 * share
        bus.now_ms += 200
        before = sensor.read_pa()
        assert abs(before - _PSI25 * (share - 1) // 10) <= 2
    sensor.begin()
    bus.now_ms += 5
    assert abs(sensor.read_pa() - _PSI25 * 4 // 10) <= 2


def test_mpr_nothing_waits_for_a_conversion():
    bus, part, sensor = _mpr()
    sensor.begin()
    bus.now_ms += 4
    assert raised(sensor.read_pa) == defs.FAULT_NOT_READY
    bus.now_ms += 1
    part.count = 3000000  # too late for the conversion that was begun
    assert abs(sensor.read_pa()) <= 2


def test_mpr_faults_of_the_part_by_name():
    for status, error in (
        (0x44, defs.FAULT_MEMORY_FAULT), (0x41, defs.FAULT_OUT_OF_RANGE),
        (0x00, defs.FAULT_NO_POWER), (0xFF, defs.FAULT_BUS_STUCK),
        (0x48, defs.FAULT_WRONG_IDENTITY), (0x50, defs.FAULT_WRONG_IDENTITY),
        (0xC0, defs.FAULT_WRONG_IDENTITY), (0x60, defs.FAULT_NOT_READY),
    ):  # fmt: skip
        bus, part, sensor = _mpr()
        sensor.begin()
        bus.now_ms += 200
        part.only = status
        assert raised(sensor.read_pa) == error, status
        part.only = None
        bus.now_ms += 200
        assert abs(sensor.read_pa()) <= 2, status  # valid again with the next value


def test_mpr_counts_outside_of_the_range_are_no_pressure():
    bus, part, sensor = _mpr()
    for count in (0, 900000, 0xFFFFFF, 15900000):
        part.count = count
        assert raised(_measure, bus, sensor) == defs.FAULT_OUT_OF_RANGE


def test_mpr_bus_faults():
    bus, part, sensor = _mpr()
    bus.parts = {}
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER
    assert raised(sensor.read_pa) == defs.FAULT_NO_ANSWER
    bus.parts = {0x18: part}
    bus.stuck = True
    assert raised(sensor.check) == defs.FAULT_BUS_STUCK
    assert raised(sensor.begin) == defs.FAULT_BUS_STUCK
    bus.stuck = False
    sensor.check()
    bus.now_ms += 6
    assert abs(sensor.read_pa()) <= 2


def test_mpr_a_value_that_never_changes_is_not_believed():
    bus, part, sensor = _mpr()
    part.count = 5000000
    errors = [raised(_measure, bus, sensor) for _ in range(18)]
    assert errors == [None] * 16 + [defs.FAULT_STALE] * 2
    part.count += 1
    assert _measure(bus, sensor) > 0


def test_mpr_check_names_what_is_wrong_at_power_on():
    for status, error in (
        (0x44, defs.FAULT_MEMORY_FAULT), (0, defs.FAULT_NO_POWER), (0xFF, defs.FAULT_BUS_STUCK), (0x40, None),
    ):  # fmt: skip
        _, part, sensor = _mpr()
        part.only = status
        assert raised(sensor.check) == error


def test_abp_values_and_ends_of_the_range():
    bus, part, sensor = _abp()
    for count, pa in ((1638, 0), (14745, 103421), (8192, 51714), (1300, -2667)):
        part.count = count
        bus.now_ms += 2
        assert abs(sensor.read_pa() - pa) <= 2
    for count in (900, 15500, 16383):
        part.count = count
        bus.now_ms += 2
        assert raised(sensor.read_pa) == defs.FAULT_OUT_OF_RANGE


def test_abp_faults_by_name():
    bus, part, sensor = _abp()
    for status, error in ((1, defs.FAULT_WRONG_IDENTITY), (2, defs.FAULT_STALE), (3, defs.FAULT_FAULT)):
        part.status = status
        assert raised(sensor.read_pa) == error
    part.status = None
    for raw, error in ((b"\xff\xff", defs.FAULT_BUS_STUCK), (b"\x00\x00", defs.FAULT_BUS_STUCK)):
        part.raw = raw
        assert raised(sensor.check) == error
    part.raw = None
    bus.now_ms += 2
    sensor.check()
    part.stopped = True
    bus.now_ms += 200
    assert raised(sensor.read_pa) == defs.FAULT_STALE
    bus.parts = {}
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER
    bus.stuck = True
    assert raised(sensor.read_pa) == defs.FAULT_BUS_STUCK


def test_abp2_pressure_and_temperature_of_one_conversion():
    bus, part, sensor = _abp2()
    assert raised(sensor.read_centi_c) == defs.FAULT_NOT_READY
    part.count = 1677722 + 6710886
    assert abs(_measure(bus, sensor) - 50000) <= 2
    assert abs(sensor.read_centi_c() - 2500) <= 2  # 6291456 * 200 / 16777215 - 50
    part.temperature = 0
    assert abs(_measure(bus, sensor) - 50000) <= 2
    assert sensor.read_centi_c() == -5000


def test_abp2_faults_by_name():
    for status, error in (
        (0x44, defs.FAULT_MEMORY_FAULT), (0x41, defs.FAULT_OUT_OF_RANGE),
        (0x00, defs.FAULT_NO_POWER), (0xFF, defs.FAULT_BUS_STUCK),
        (0x42, defs.FAULT_WRONG_IDENTITY), (0x60, defs.FAULT_NOT_READY),
    ):  # fmt: skip
        bus, part, sensor = _abp2()
        sensor.begin()
        bus.now_ms += 6
        part.only = status
        assert raised(sensor.read_pa) == error
        assert raised(sensor.read_centi_c) == defs.FAULT_NOT_READY
    bus, part, sensor = _abp2()
    assert raised(sensor.read_pa) == defs.FAULT_NOT_READY
    part.count = 4000000
    errors = [raised(_measure, bus, sensor) for _ in range(18)]
    assert errors == [None] * 16 + [defs.FAULT_STALE] * 2
    bus.parts = {}
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER
    assert raised(sensor.begin) == defs.FAULT_NO_ANSWER


def test_the_transfer_functions_are_the_shares_of_24_bits_of_the_data_sheets():
    for function, least, most in (
        (pressure_mpr.A, 100, 900), (pressure_mpr.B, 25, 225), (pressure_mpr.C, 200, 800),
        (pressure_abp2._FUNCTION, 100, 900),
    ):  # fmt: skip
        assert function == tuple(((1 << 24) * per_mille + 500) // 1000 for per_mille in (least, most))


def test_a_value_five_percent_beyond_the_range_is_a_pressure_and_one_count_more_is_none():
    for function in (pressure_mpr.A, pressure_mpr.B, pressure_mpr.C):
        bus, part, sensor = _mpr(function)
        least, most = function
        margin = (most - least) // 20
        for count, error in (
            (least - margin, None), (least - margin - 1, defs.FAULT_OUT_OF_RANGE),
            (most + margin, None), (most + margin + 1, defs.FAULT_OUT_OF_RANGE),
        ):  # fmt: skip
            part.count = count
            assert raised(_measure, bus, sensor) == error, (function, count)
    bus, part, sensor = _abp()
    for count, error in ((982, None), (981, 1), (15401, None), (15402, 1)):  # 5 % of 14745 - 1638 counts are 656
        part.count = count
        bus.now_ms += 2
        assert raised(sensor.read_pa) == (defs.FAULT_OUT_OF_RANGE if error else None), count


def test_each_sensor_is_asked_for_as_many_bytes_as_it_has():
    for make, count in ((_mpr, 4), (_abp2, 7), (_abp, 2)):
        bus, part, sensor = make()
        part.count = 1638 if make is _abp else 1677722
        _measure(bus, sensor)
        assert bus.reads == [count]


def test_a_conversion_that_could_not_be_begun_is_not_read():
    for make in (_mpr, _abp2):
        bus, part, sensor = make()
        _measure(bus, sensor)
        parts, bus.parts = bus.parts, {}
        assert raised(sensor.begin) == defs.FAULT_NO_ANSWER
        bus.parts = parts
        bus.now_ms += 6
        assert raised(sensor.read_pa) == defs.FAULT_NOT_READY


def test_abp_with_a_range_on_both_sides_of_zero():
    bus = i2c_models.Bus()
    part = i2c_models.Abp(bus, 0x28)
    sensor = pressure_abp.HoneywellAbp(bus, -34474, 34474)
    for count, pa in ((1638, -34474), (14745, 34474)):
        part.count = count
        bus.now_ms += 2
        assert abs(sensor.read_pa() - pa) <= 2


def test_abp_a_diagnostic_status_is_a_fault_unless_all_bits_are_ones():
    _, part, sensor = _abp()
    faults = ((b"\xff\x00", defs.FAULT_FAULT), (b"\xc0\xff", defs.FAULT_FAULT), (b"\xff\xff", defs.FAULT_BUS_STUCK))
    for raw, error in faults:
        part.raw = raw
        assert raised(sensor.read_pa) == error, raw


def test_abp2_every_byte_of_the_temperature_counts():
    bus, part, sensor = _abp2()
    for raw, centi_c in ((0, -5000), (0x123456, -3578), (0x654321, 2911), (0xFEDCBA, 14911), (0xFFFFFF, 15000)):
        part.temperature = raw
        part.count += 1
        _measure(bus, sensor)
        assert abs(sensor.read_centi_c() - centi_c) <= 1, raw
