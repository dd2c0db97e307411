"""TMC2209 against a model of the part: datagrams byte by byte, confirmed settings, and each fault by its number."""

import tmc_model
from drivers.motion import motor_step_dir, motor_tmc2209
from part_errors import raised
from pump import defs

REQUIREMENTS = ("D13",)


def _make(node=0, **more):
    part = tmc_model.Tmc2209(node)
    uart = tmc_model.Uart(part)
    return part, uart, motor_tmc2209.Tmc2209(uart, node, **more)


def test_checksum_vectors():
    for text, crc in (("050006", 0x6F), ("050000", 0x48), ("050002", 0x8F), ("05008000 0001C0", 0xF6)):
        text = text.replace(" ", "")
        data = bytes([int(text[at : at + 2], 16) for at in range(0, len(text), 2)])
        assert motor_tmc2209.crc8(data, len(data)) == crc
        assert tmc_model.checksum(data) == crc


def test_check_sets_up_and_has_every_write_confirmed():
    part, uart, driver = _make(run_ma=300, microsteps=16)
    driver.check()
    written = dict(part.writes)
    assert written[0x00] == 0x1C4
    assert written[0x22] == 0
    assert written[0x6C] >> 24 & 15 == 4  # 256 / 2^4 = 16
    assert written[0x6C] & 0xF == 3
    assert part.registers[0x01] == 0
    assert part.registers[0x02] == (250 + len(part.writes)) & 255
    assert uart.sent[0] == b"\x05\x00\x06\x6f"
    assert bytes((5, 0, 0x80, 0, 0, 1, 0xC4)) in [sent[:7] for sent in uart.sent]


def test_resolution_and_direction():
    for microsteps, code in ((256, 0), (128, 1), (8, 5), (1, 8)):
        part, _, driver = _make(microsteps=microsteps, reverse=True)
        driver.check()
        assert part.registers[0x6C] >> 24 & 15 == code
        assert part.registers[0x00] == 0x1CC
    for microsteps in (12, 0, 512):
        assert raised(lambda m=microsteps: _make(microsteps=m)) == defs.FAULT_OUT_OF_RANGE, microsteps


def test_current_is_never_above_what_was_asked():
    for ohms in (75, 110, 150):
        for run_ma in (50, 100, 300, 500, 900, 1200):
            fine, scale = motor_tmc2209.current_scale(run_ma, ohms)
            full_mv = 180 if fine else 320
            twice_square = ((scale + 1) * full_mv * 1000) ** 2  # (I * sqrt 2 * 32 * R)^2
            asked = 2 * (run_ma * 32 * (ohms + 20)) ** 2
            assert twice_square <= asked or scale == 0
            if scale < 31:
                assert ((scale + 2) * full_mv * 1000) ** 2 > asked
    assert motor_tmc2209.current_scale(500, 110) == (True, 15)
    assert motor_tmc2209.current_scale(1200, 110)[0] is False
    assert raised(motor_tmc2209.current_scale, 3000, 110) == defs.FAULT_OUT_OF_RANGE


def test_the_current_is_that_of_a_motion_at_standstill_too_and_regulated_cycle_by_cycle():
    part, _, driver = _make(run_ma=500)
    driver.check()
    assert part.registers[0x10] == 15 | 15 << 8 | 1 << 16
    assert part.registers[0x6C] >> 17 & 1 == 1
    assert part.registers[0x00] & 4


def test_a_driver_that_gives_too_little_current_is_found_at_power_on_and_after_a_motion():
    for weak, stealth in ((1, False), (8, False), (0, True)):
        part, _, driver = _make()
        part.weak, part.stealth = weak, stealth
        assert raised(driver.check) == defs.FAULT_FAULT
        part.weak, part.stealth = 0, False
        driver.check()
        driver.ready()
        driver.moving()
        driver.ready()
        part.weak, part.stealth = weak, stealth
        driver.moving()
        assert raised(driver.ready) == defs.FAULT_FAULT, (weak, stealth)


def test_other_nodes_are_ignored():
    part, _, driver = _make(node=3)
    driver.check()
    part.node = 2
    assert raised(driver.check) == defs.FAULT_NO_ANSWER


def test_check_names_what_is_wrong():
    part, uart, driver = _make()
    part.powered = False
    assert raised(driver.check) == defs.FAULT_NO_ANSWER
    part.powered = True
    uart.deaf = True
    assert raised(driver.check) == defs.FAULT_BUS_STUCK
    uart.deaf = False
    part.bad_crc = True
    assert raised(driver.check) == defs.FAULT_BAD_CHECKSUM
    part.bad_crc = False
    part.wrong_register = True
    assert raised(driver.check) == defs.FAULT_WRONG_IDENTITY
    part.wrong_register = False
    part.registers[0x06] = 0x20 << 24  # a TMC2208
    assert raised(driver.check) == defs.FAULT_WRONG_IDENTITY
    part.registers[0x06] = 0x21 << 24
    driver.check()


def test_a_write_that_is_lost_is_found():
    for lost in range(1, 6):
        part, _, driver = _make()
        part.loses = lost
        assert raised(driver.check) == defs.FAULT_NOT_CONFIRMED
        driver.check()


def test_rubbish_on_the_wire_before_a_question_is_dropped():
    _, uart, driver = _make()
    uart.heard += bytes(range(30))
    driver.check()


def test_a_wire_that_is_held_is_found():
    part, uart, driver = _make()
    uart.part = None
    write = uart.write

    def held(data):
        count = write(data)
        uart.heard = bytearray(len(uart.heard))  # all low
        return count

    uart.write = held
    driver = motor_tmc2209.Tmc2209(uart)
    assert raised(driver.check) == defs.FAULT_BUS_STUCK


def test_faults_of_a_motion_are_found_before_the_next():
    for status, flags in ((0x02, 0), (0x04, 0), (0x20, 0), (0, 0x01), (0, 0x02), (0, 0x04)):
        for motions in range(3):
            part, _, driver = _make()
            driver.check()
            for _ in range(motions):
                driver.ready()
                driver.moving()
            driver.ready()
            part.status |= status
            part.registers[0x01] |= flags
            driver.moving()
            assert raised(driver.ready) == defs.FAULT_FAULT, (status, flags, motions)


def test_a_driver_that_was_reset_at_any_time_makes_no_further_motion():
    for motions in range(4):
        for in_motion in (False, True):
            part, _, driver = _make()
            driver.check()
            for _ in range(motions):
                driver.ready()
                driver.moving()
            if in_motion:
                driver.ready()
                driver.moving()
            part.reset()
            for _ in range(3):
                assert raised(driver.ready) == defs.FAULT_FAULT, (motions, in_motion)
            driver.check()
            driver.ready()


def test_a_warning_and_an_open_load_at_rest_stop_nothing():
    part, _, driver = _make()
    driver.check()
    part.status = 0x800000C1
    for _ in range(4):
        driver.moving()
        driver.ready()


def test_a_driver_that_went_silent_is_found_before_the_next_motion():
    part, _, driver = _make()
    driver.check()
    part.powered = False
    driver.moving()
    assert raised(driver.ready) == defs.FAULT_NO_ANSWER
    part.powered = True
    driver.moving()
    part.bad_crc = True
    driver.moving()
    assert raised(driver.ready) == defs.FAULT_BAD_CHECKSUM


def test_one_flipped_bit_in_any_exchange_before_a_motion_stops_nothing_and_is_counted():
    _, uart, driver = _make()
    driver.check()
    for flip in range(12 * 8):
        for flips in ([flip], [-1, flip], [flip, flip, -1, flip, flip]):
            driver.disturbed = 0
            uart.flips = list(flips)
            driver.moving()
            driver.ready()
            assert driver.disturbed == len([at for at in flips if at >= 0]), (flip, flips)


def test_a_fault_is_found_behind_disturbed_answers_and_one_that_lasts_is_a_fault():
    part, uart, driver = _make()
    driver.check()
    part.status = 0x02  # overheated
    uart.flips = [95, 95]
    driver.moving()
    assert raised(driver.ready) == defs.FAULT_FAULT
    part.status = 0
    uart.flips = [-1, 95, 95, 95]
    driver.moving()
    assert raised(driver.ready) == defs.FAULT_BAD_CHECKSUM


def test_each_motion_asks_once_before_it_and_once_with_an_answer_that_waits():
    _, uart, driver = _make()
    driver.check()
    for _ in range(3):
        before = len(uart.sent)
        driver.ready()
        assert [sent[2] for sent in uart.sent[before:]] == [0x01]
        assert uart.any() == 0
        driver.moving()
        assert [sent[2] for sent in uart.sent[before:]] == [0x01, 0x6F]
        assert uart.any() == 12


class _Pin:
    def __init__(self, level=1):
        self.level = level

    def value(self, level=None):
        if level is not None:
            self.level = level
        return self.level


def test_plain_driver_sets_its_lines_and_reads_nfault():
    direction, sleep, fault = _Pin(1), _Pin(0), _Pin(1)
    driver = motor_step_dir.StepDir(direction, 0, sleep, fault)
    assert (direction.level, sleep.level) == (0, 1)
    driver.check()
    driver.ready()
    driver.moving()
    fault.level = 0
    assert raised(driver.ready) == defs.FAULT_FAULT
    assert raised(driver.check) == defs.FAULT_FAULT
    motor_step_dir.StepDir().check()


def test_the_defaults_are_16_microsteps_and_the_currents_of_the_wiring_page():
    part = tmc_model.Tmc2209(3)
    motor_tmc2209.Tmc2209(tmc_model.Uart(part)).check()
    assert dict(part.writes) == {
        0x00: 0x1C4, 0x22: 0, 0x10: 8 | 8 << 8 | 1 << 16, 0x11: 20, 0x6C: 0x14030053, 0x01: 7,
    }  # fmt: skip
    assert motor_tmc2209.Tmc2209(tmc_model.Uart(part)).disturbed == 0


def test_a_current_beyond_the_fine_scale_is_set_on_the_coarse_one():
    part, _, driver = _make(run_ma=1200)
    driver.check()
    assert part.registers[0x6C] == 0x14010053
    assert motor_tmc2209.current_scale(999, 110)[0] and not motor_tmc2209.current_scale(1200, 110)[0]
    finest = max(ma for ma in range(900, 1100) if motor_tmc2209.current_scale(ma, 110)[0])
    assert motor_tmc2209.current_scale(finest, 110) == (True, 31)
    assert motor_tmc2209.current_scale(finest + 1, 110) == (False, 17)
    most = max(ma for ma in range(1500, 1900) if raised(motor_tmc2209.current_scale, ma, 110) is None)
    assert (finest, most) == (1009, 1794)
    assert motor_tmc2209.current_scale(most, 110) == (False, 31)
    assert motor_tmc2209.current_scale(1, 110) == (True, 0)


def test_each_byte_of_what_comes_back_is_looked_at():
    """Bytes of the own request, of the number of the answer and of a write that came back otherwise."""
    for at, error in ((0, defs.FAULT_BUS_STUCK), (3, defs.FAULT_BUS_STUCK), (4, defs.FAULT_WRONG_IDENTITY),
                      (5, defs.FAULT_WRONG_IDENTITY), (6, defs.FAULT_WRONG_IDENTITY)):  # fmt: skip
        part, uart, driver = _make()
        hear = part.hear

        def heard(data, hear=hear, at=at):
            answer = bytearray(hear(data))
            if answer and at > 3:
                answer[at - 4] ^= 1
                answer[7] = tmc_model.checksum(answer[:7])
            return bytes(answer)

        part.hear = heard
        uart.flips = [8 * at] * 3 if at < 4 else []
        assert raised(driver.check) == error, at
    for at in range(8):
        _, uart, driver = _make()
        uart.flips = [-1, -1, 8 * at]  # the first write
        assert raised(driver.check) == defs.FAULT_BUS_STUCK, at


def _cut_answers(uart, length):
    """Only so many bytes come after each request, the request's own among them."""
    write = uart.write

    def short(data):
        write(data)
        uart.heard = uart.heard[:length]
        return len(data)

    uart.write = short


def test_an_answer_that_lacks_its_last_byte_is_no_answer():
    for length in (4, 5, 11):
        _, uart, driver = _make()
        _cut_answers(uart, length)
        assert raised(driver.check) == defs.FAULT_NO_ANSWER, length


def test_a_driver_whose_count_of_writes_passes_255_is_sound():
    for before in range(244, 256):
        part, _, driver = _make()
        part.registers[0x02] = before
        driver.check()
        part.loses = 1
        assert raised(driver.check) == defs.FAULT_NOT_CONFIRMED


def test_a_fault_that_stands_at_power_on_is_found_by_the_check():
    for bits in (0x02, 0x20):
        part, _, driver = _make()
        part.status = bits
        assert raised(driver.check) == defs.FAULT_FAULT
        part.status = bits << 8
        driver.check()


def test_the_times_of_plain_drivers_are_those_of_their_data_sheets():
    assert (motor_step_dir.A4988_WAKE_US, motor_step_dir.DRV8825_WAKE_US) == (1000, 1700)
    direction = _Pin(0)
    motor_step_dir.StepDir(direction)
    assert direction.level == 1


def test_no_read_asks_for_more_bytes_than_come():
    _, uart, driver = _make()
    driver.check()
    driver.moving()
    driver.ready()
    assert uart.asked == [12, 12] + [8] * 6 + [12] * 4
    uart.heard += bytes(13)
    uart.asked = []
    driver.moving()
    assert uart.asked == [12, 1]


def test_a_driver_is_asked_nothing_before_the_first_motion_but_whether_it_was_reset():
    part, uart, driver = _make()
    part.registers[0x01] = 0
    driver.ready()
    assert ([sent[2] for sent in uart.sent], driver.disturbed) == ([0x01], 0)


def test_an_answer_that_ends_within_the_own_request_is_a_held_wire():
    for length in range(4):
        _, uart, driver = _make()
        driver.check()
        driver.ready()
        _cut_answers(uart, length)
        assert raised(driver.ready) == defs.FAULT_BUS_STUCK, length


def test_the_default_currents_hold_for_every_sense_resistor():
    for sense_mohm in range(75, 200):
        part = tmc_model.Tmc2209(3)
        motor_tmc2209.Tmc2209(tmc_model.Uart(part), sense_mohm=sense_mohm).check()
        run = motor_tmc2209.current_scale(300, sense_mohm)[1]
        assert part.registers[0x10] == run | run << 8 | 1 << 16
    for run_ma, fine in ((1009, 1), (1010, 0)):  # of 110 milliohm
        part = tmc_model.Tmc2209(3)
        motor_tmc2209.Tmc2209(tmc_model.Uart(part), run_ma=run_ma).check()
        assert part.registers[0x6C] >> 17 & 1 == fine
