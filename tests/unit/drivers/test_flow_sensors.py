"""SLF3x and LG16 against models of the parts: values, start and restart, checksums, air, stuck lines."""

import i2c_models
from drivers.sensors import _sensirion_crc, flow_lg16, flow_slf3x
from part_errors import raised
from pump import defs


def _slf3x(model=flow_slf3x.SLF3S_0600F, product=0x07030302):
    bus = i2c_models.Bus()
    part = i2c_models.Slf3x(bus, 0x08, product)
    return bus, part, flow_slf3x.Slf3x(bus, model)


def _ready():
    bus, part, sensor = _slf3x()
    sensor.check()
    bus.now_ms += 60
    return bus, part, sensor


def test_slf3x_checksum_vector_of_the_data_sheet():
    assert _sensirion_crc.crc8(b"\xbe\xef", 0, 0xFF) == 0x92
    assert i2c_models.remainder(b"\xbe\xef", 0x31, 0xFF) == 0x92
    for pair in (b"\x00\x00", b"\xff\xff", b"\x12\x34", b"\x80\x01"):
        assert _sensirion_crc.crc8(pair, 0, 0xFF) == i2c_models.remainder(pair, 0x31, 0xFF)


def test_slf3x_values_in_pl_per_second():
    bus, part, sensor = _ready()
    for count, pl_s in ((0, 0), (6, 10000), (7, 11666), (-6, -10000), (32767, 54611666), (-32768, -54613334)):
        part.values[0] = count
        assert abs(sensor.read_pl_s() - pl_s) <= 1 + abs(pl_s) // 100000
    bus, part, sensor = _slf3x(flow_slf3x.SLF3S_1300F, 0x07030202)
    sensor.check()
    bus.now_ms += 60
    part.values[0] = 500  # 1 mL/min
    assert abs(sensor.read_pl_s() - 16666666) <= 200


def test_slf3x_temperature():
    _, part, sensor = _ready()
    part.values[1] = 4653
    sensor.read_pl_s()
    assert sensor.read_centi_c() == 2326
    part.values[1] = -200
    sensor.read_pl_s()
    assert sensor.read_centi_c() == -100


def test_slf3x_check_works_on_a_sensor_that_measures_already():
    bus, part, sensor = _ready()
    part.deaf = 0
    sensor.check()
    assert part.liquid == flow_slf3x.WATER
    bus.now_ms += 11
    assert raised(sensor.read_pl_s) == defs.FAULT_NO_ANSWER  # the first value takes 12 ms


def test_slf3x_the_wrong_sensor_is_found():
    _, _, sensor = _slf3x(flow_slf3x.SLF3S_1300F)
    assert raised(sensor.check) == defs.FAULT_WRONG_IDENTITY
    _, _, sensor = _slf3x(product=0x11020302)
    assert raised(sensor.check) == defs.FAULT_WRONG_IDENTITY


def test_slf3x_air_and_high_flow():
    _, part, sensor = _ready()
    part.values[2] = 1
    sensor.read_pl_s()
    assert sensor.air
    part.values[2] = 2
    assert raised(sensor.read_pl_s) == defs.FAULT_OUT_OF_RANGE
    part.values[2] = 0x20  # smoothing
    sensor.read_pl_s()
    assert not sensor.air


def test_slf3x_damage_in_any_byte_is_found():
    _, part, sensor = _ready()
    part.values = [123, 4567, 0]
    for at in range(9):
        part.bad = at
        assert raised(sensor.read_pl_s) == defs.FAULT_BAD_CHECKSUM
    part.bad = 3
    assert raised(sensor.check) == defs.FAULT_BAD_CHECKSUM


def test_slf3x_that_lost_its_power_is_started_again():
    bus, part, sensor = _ready()
    part.reset()
    assert raised(sensor.read_pl_s) == defs.FAULT_NO_ANSWER
    assert raised(sensor.read_pl_s) == defs.FAULT_NOT_READY
    bus.now_ms += 60
    part.values[0] = 6
    assert sensor.read_pl_s() == 10000


def test_slf3x_that_went_on_measuring_over_a_failed_read_is_started_again():
    bus, part, sensor = _slf3x()
    sensor.check()
    bus.now_ms += 100
    bus.stuck = True
    assert raised(sensor.read_pl_s) == defs.FAULT_BUS_STUCK
    bus.stuck = False
    assert raised(sensor.read_pl_s) == defs.FAULT_NOT_READY
    bus.now_ms += 100
    assert raised(sensor.read_pl_s) is None


def test_slf3x_bus_faults():
    bus, _, sensor = _ready()
    bus.stuck = True
    assert raised(sensor.check) == defs.FAULT_BUS_STUCK
    bus.stuck = False
    bus.parts = {}
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER
    assert raised(sensor.read_pl_s) == defs.FAULT_NO_ANSWER


def _lg16(**more):
    bus = i2c_models.Bus()
    part = i2c_models.Lg16(bus, 0x40, **more)
    return bus, part, flow_lg16.Lg16(bus)


def _measure(bus, sensor):
    sensor.begin()
    bus.now_ms += 80
    return sensor.read_pl_s()


def test_lg16_scale_and_unit_come_from_the_field_in_use():
    for field in (0, 1, 4):
        for unit, pl in ((0x0843, 1000), (0x0844, 1000000)):
            bus, part, sensor = _lg16(field=field, factor=13, unit=unit)
            sensor.check()
            for flow in (0, 9100, -9100, 32767):
                part.flow = flow
                exact = flow * pl // (13 * 60)
                assert abs(_measure(bus, sensor) - exact) <= 1 + abs(exact) // 100000


def test_lg16_a_unit_that_is_no_volume_is_another_part():
    for factor, unit in ((5, 0x0911), (0, 0x0843), (5, 0x0003), (5, 0x084F), (5, 0x08F3)):
        _, _, sensor = _lg16(factor=factor, unit=unit)
        assert raised(sensor.check) == defs.FAULT_WRONG_IDENTITY


def test_lg16_nothing_waits_for_a_measurement():
    bus, part, sensor = _lg16()
    assert raised(sensor.read_pl_s) == defs.FAULT_NOT_READY  # the scale is not known
    sensor.check()
    part.flow = 300
    assert raised(sensor.read_pl_s) == defs.FAULT_NO_ANSWER  # while it measures it acknowledges nothing
    assert raised(sensor.read_pl_s) == defs.FAULT_NOT_READY
    bus.now_ms += 80
    assert sensor.read_pl_s() == 1000  # 60 nL/min
    bus.now_ms += 80
    part.flow = 600
    assert sensor.read_pl_s() == 2000


def test_lg16_damage_is_found():
    bus, part, sensor = _lg16()
    sensor.check()
    part.bad = True
    assert raised(_measure, bus, sensor) == defs.FAULT_BAD_CHECKSUM
    assert raised(sensor.check) == defs.FAULT_BAD_CHECKSUM


def test_lg16_a_line_stuck_low_passes_the_checksum_and_is_found_all_the_same():
    bus, part, sensor = _lg16()
    sensor.check()
    part.stuck_low = True
    assert _sensirion_crc.crc8(b"\x00\x00\x00", 0, 0) == 0
    errors = [raised(_measure, bus, sensor) for _ in range(20)]
    assert errors[:16] == [None] * 16
    assert errors[17:] == [defs.FAULT_BUS_STUCK] * 3
    assert raised(sensor.check) == defs.FAULT_WRONG_IDENTITY


def test_lg16_a_value_that_never_changes_is_not_believed():
    bus, part, sensor = _lg16()
    sensor.check()
    part.flow = 77
    errors = [raised(_measure, bus, sensor) for _ in range(18)]
    assert errors == [None] * 16 + [defs.FAULT_STALE] * 2
    part.flow = 78
    assert _measure(bus, sensor) == 260


def test_lg16_bus_faults():
    bus, _, sensor = _lg16()
    sensor.check()
    bus.stuck = True
    assert raised(sensor.begin) == defs.FAULT_BUS_STUCK
    bus.stuck = False
    bus.parts = {}
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER
    assert raised(sensor.begin) == defs.FAULT_NO_ANSWER


def test_lg16_every_unit_of_volume_and_time():
    for code, pl in ((3, 1000), (4, 1000000), (5, 1000000000)):
        for time, seconds in ((3, 1), (4, 60), (5, 3600)):
            bus, part, sensor = _lg16(factor=3600, unit=0x0800 | time << 4 | code)
            sensor.check()
            part.flow = 7200
            exact = 2 * pl // seconds
            assert abs(_measure(bus, sensor) - exact) <= 1 + exact // 100000, (code, time)
    for unit in (0x0943, 0x0853 | 0x20, 0x0842, 0x0846, 0x0823):
        assert raised(_lg16(unit=unit)[2].check) == defs.FAULT_WRONG_IDENTITY, unit


def test_lg16_bytes_and_repeated_starts_are_those_of_the_data_sheet():
    bus, _, sensor = _lg16()
    sensor.check()
    _measure(bus, sensor)
    assert bus.reads == [3] * 4
    assert bus.holds == [b"\xe3", b"\xfa\x2b\x60", b"\xfa\x2b\x70"]


def test_lg16_a_measurement_that_could_not_be_begun_is_not_read():
    for begins in ("begin", "check"):
        bus, part, sensor = _lg16()
        sensor.check()
        bus.parts = {}
        assert raised(getattr(sensor, begins)) == defs.FAULT_NO_ANSWER
        bus.parts = {0x40: part}
        bus.now_ms += 80
        assert raised(sensor.read_pl_s) == defs.FAULT_NOT_READY, begins


def test_lg16_the_first_count_is_not_taken_for_a_repeated_one():
    for flow in (0, 1):
        bus, part, sensor = _lg16()
        sensor.check()
        part.flow = flow
        assert [raised(_measure, bus, sensor) for _ in range(17)][:16] == [None] * 16
        assert raised(_measure, bus, sensor) == (defs.FAULT_STALE if flow else defs.FAULT_BUS_STUCK)


def test_slf3x_the_first_call_starts_it_and_gives_no_value():
    bus, part, sensor = _slf3x()
    assert not sensor.air
    assert raised(sensor.read_centi_c) == raised(sensor.read_pl_s) == defs.FAULT_NOT_READY
    assert part.liquid == flow_slf3x.WATER
    bus.now_ms += 60
    assert sensor.read_pl_s() == 0


def test_slf3x_after_a_check_that_failed_it_has_no_value():
    bus, part, sensor = _ready()
    bus.parts = {}
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER
    bus.parts = {0x08: part}
    assert raised(sensor.read_centi_c) == defs.FAULT_NOT_READY


def test_slf3x_each_byte_of_the_product_number_is_checked():
    for product in (0x06030302, 0x07020302, 0x07030402):
        assert raised(_slf3x(product=product)[2].check) == defs.FAULT_WRONG_IDENTITY, product


def test_slf3x_bytes_are_those_of_the_data_sheet():
    bus, _, sensor = _ready()
    sensor.read_pl_s()
    assert bus.reads == [18, 9]


def test_slf3x_a_product_number_that_is_not_given_is_no_answer():
    _, part, sensor = _slf3x()

    def give(length):
        raise i2c_models.Nack

    part.give = give
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER


def test_slf3x_is_asked_twenty_times_where_it_may_be_deaf_and_otherwise_once():
    for deaf, attempts in ((19, 1 + 20 + 1 + 1), (20, 1 + 20)):
        bus, part, sensor = _slf3x()
        take = part.take

        def once(data, part=part, take=take, deaf=deaf):
            take(data)
            part.deaf = deaf if data == b"\x3f\xf9" else part.deaf

        part.take = once
        assert raised(sensor.check) == (None if deaf == 19 else defs.FAULT_NO_ANSWER)
        assert bus.attempts == attempts
    bus, _, sensor = _slf3x()
    bus.parts = {}
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER and bus.attempts == 1
    bus, part, sensor = _slf3x()
    take = part.take

    def no_more(data):
        if data == b"\xe1\x02":
            raise i2c_models.Nack
        take(data)

    part.take = no_more
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER
    assert bus.attempts == 1 + 4 + 1
