"""The I2C bus: freed from a part that holds a line, at each position of a byte, and told when it stays held."""

import bus_model
import i2c_models
from drivers.chip import bus_i2c
from drivers.sensors import flow_lg16, flow_slf3x, pressure_abp, pressure_abp2, pressure_mpr
from part_errors import raised
from pump import defs

_POSITIONS = range(9)
_BYTES = (0x00, 0x55, 0xAA, 0x0F, 0xFE)
_LONGEST_US = 1000  # of a recovery, in which the step of the main loop waits


def _bus():
    wires = bus_model.Wires()
    controller = bus_model.Controller(wires, i2c_models.Bus())
    return wires, controller


def _started(wires, controller):
    return bus_i2c.I2cBus(controller.begin, wires.sda, wires.scl, wires.sleep_us)


def _sensors(bus, parts):
    """Each part on I2C as (name, model, function that reads it after its check)."""
    made = (
        (pressure_mpr.HoneywellMpr(bus, 0, 172369), i2c_models.Mpr(parts, 0x18), "read_pa"),
        (pressure_abp2.HoneywellAbp2(bus, 0, 100000), i2c_models.Mpr(parts, 0x28, temperature=6291456), "read_pa"),
        (pressure_abp.HoneywellAbp(bus, 0, 103421, 0x29), i2c_models.Abp(parts, 0x29), "read_pa"),
        (flow_slf3x.Slf3x(bus), i2c_models.Slf3x(parts, 0x08), "read_pl_s"),
        (flow_lg16.Lg16(bus), i2c_models.Lg16(parts, 0x40), "read_pl_s"),
    )
    return [(type(sensor).__name__, sensor, getattr(sensor, read)) for sensor, _, read in made]


def test_a_free_bus_is_left_with_one_stop_condition_at_boot():
    wires, controller = _bus()
    _started(wires, controller)
    assert (wires.clocks, wires.stops, controller.made) == (1, 1, 1)
    assert wires.are_free()


def test_sda_held_at_each_position_of_a_byte_before_a_reset_is_freed_at_boot():
    for position in _POSITIONS:
        for byte in _BYTES:
            wires, controller = _bus()
            wires.hold_sda(position, byte)
            bus = _started(wires, controller)
            assert wires.are_free() and wires.position == -1, (position, byte)
            assert wires.clocks <= 9
            controller.parts.parts[0x18] = i2c_models.Mpr(controller.parts, 0x18)
            assert bus.writeto(0x18, b"\xaa\x00\x00") == 3
            assert bus.held == 0


def test_sda_held_at_each_position_without_a_reset_is_freed_before_the_next_transfer():
    for position in _POSITIONS:
        wires, controller = _bus()
        bus = _started(wires, controller)
        for name, sensor, read in _sensors(bus, controller.parts):
            sensor.check()
            controller.parts.now_ms += 100
            disturbed = bus.disturbed
            wires.hold_sda(position)
            began_us = wires.now_us
            assert raised(read) is None, (name, position)
            assert wires.now_us - began_us < _LONGEST_US
            assert (bus.disturbed, bus.held) == (disturbed + 1, 0), (name, position)


def test_sda_that_gets_held_within_a_transfer_is_freed_and_the_transfer_repeated():
    for position in _POSITIONS:
        wires, controller = _bus()
        bus = _started(wires, controller)
        for name, sensor, read in _sensors(bus, controller.parts):
            sensor.check()
            controller.parts.now_ms += 100
            disturbed = bus.disturbed
            controller.before_transfer = lambda wires=wires, at=position: wires.hold_sda(at)
            assert raised(read) is None, (name, position)
            assert bus.disturbed == disturbed + 1


def test_the_peripheral_is_made_again_after_each_recovery():
    wires, controller = _bus()
    bus = _started(wires, controller)
    controller.parts.parts[0x18] = i2c_models.Mpr(controller.parts, 0x18)
    controller.hangs = True
    assert bus.writeto(0x18, b"\xaa\x00\x00") == 3, "the peripheral hung although both lines were free"
    assert controller.made == 2


def test_scl_that_is_held_for_a_time_fails_at_once_and_works_again_afterwards():
    for held_us in (100, 1000, 20_000, 3_000_000):
        wires, controller = _bus()
        bus = _started(wires, controller)
        for name, sensor, read in _sensors(bus, controller.parts):
            sensor.check()
            controller.parts.now_ms += 100
            wires.scl_left_us = held_us
            began_us = wires.now_us
            fault = raised(read)
            assert wires.now_us - began_us < _LONGEST_US, name
            assert fault in (None, defs.FAULT_BUS_STUCK) and (fault is None) == (held_us == 100), (name, held_us)
            wires.sleep_us(held_us)
            controller.parts.now_ms += 100
            assert raised(read) in (None, defs.FAULT_NOT_READY), "a conversion could not be begun"
            controller.parts.now_ms += 100
            assert raised(read) is None, (name, held_us)


def test_scl_that_is_held_at_boot_is_waited_for_by_no_call():
    wires, controller = _bus()
    wires.scl_left_us = 700_000
    bus = _started(wires, controller)
    assert wires.now_us < _LONGEST_US
    sensor = pressure_mpr.HoneywellMpr(bus, 0, 172369)
    i2c_models.Mpr(controller.parts, 0x18)
    assert raised(sensor.check) == defs.FAULT_BUS_STUCK
    wires.sleep_us(700_000)
    assert raised(sensor.check) is None


def test_a_line_that_stays_held_is_told_as_a_stuck_bus_every_time():
    for line in ("sda", "scl"):
        wires, controller = _bus()
        bus = _started(wires, controller)
        for name, sensor, read in _sensors(bus, controller.parts):
            sensor.check()
            controller.parts.now_ms += 100
            wires.deaf = line == "sda"
            wires.scl_left_us = 10**9 if line == "scl" else 0
            held = bus.held
            for count in (1, 2, 3):
                began_us = wires.now_us
                assert raised(read) == defs.FAULT_BUS_STUCK, (name, line)
                assert bus.held >= held + count
                assert wires.now_us - began_us < _LONGEST_US
            assert raised(sensor.check) == defs.FAULT_BUS_STUCK, (name, line)
            wires.deaf = False
            wires.scl_left_us = 0
            for _ in range(3):
                controller.parts.now_ms += 100
                fault = raised(read)
            assert fault is None, "the part has let go by itself"


def test_a_part_that_does_not_acknowledge_is_no_held_bus():
    wires, controller = _bus()
    bus = _started(wires, controller)
    sensor = pressure_mpr.HoneywellMpr(bus, 0, 172369)
    assert raised(sensor.check) == defs.FAULT_NO_ANSWER
    assert (bus.disturbed, bus.held, controller.made) == (0, 0, 1)


def test_a_read_after_a_write_without_stop_is_not_repeated_alone():
    wires, controller = _bus()
    bus = _started(wires, controller)
    part = i2c_models.Lg16(controller.parts, 0x40)
    asked = []
    part.give = lambda length: asked.append(length) or bytes(length)
    bus.writeto(0x40, b"\xe3", False)
    controller.before_transfer = lambda: wires.hold_sda(3)
    try:
        bus.readfrom_into(0x40, bytearray(3))
        raise AssertionError("the read must fail")
    except OSError:
        pass
    assert asked == [] and bus.disturbed == 1
    bus.readfrom_into(0x40, bytearray(3))
    assert asked == [3]


def test_a_disturbed_status_at_power_on_is_read_again():
    wires, controller = _bus()
    bus = _started(wires, controller)
    part = i2c_models.Mpr(controller.parts, 0x18)
    sensor = pressure_mpr.HoneywellMpr(bus, 0, 172369)
    whole = part.give
    for flipped in range(8):
        for count, fault in ((1, False), (2, False), (3, True)):
            left = [count]

            def give(length, bit=flipped, left=left):
                data = bytearray(whole(length))
                if left[0]:
                    left[0] -= 1
                    data[0] ^= 1 << bit
                return bytes(data)

            part.give = give
            found = raised(sensor.check)
            assert (found is not None) == (fault and flipped not in (0, 5)), (flipped, count, found)
