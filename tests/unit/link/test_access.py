"""Who may command the pump: pairing, sessions, roles, ids, and what of it a reset, a power cut or a stop leaves."""

import link_rig
import pump_rig
from plant.parts import flash
from pump import defs
from pump.link import mac, wire

REQUIREMENTS = ("C5", "C6", "C7", "C8")
_MINUTE = 60000
_WITHOUT = ("hello", "status", "therapy", "params", "alarms", "log", "dose", "draft", "memory", "journal", "keys")


def _state(pump):
    """What a rejected line must not change."""
    parts = pump.controller
    values = [parts.params.get(number) for number in range(len(defs.PARAMS))]
    return parts.supervisor.state, parts.delivery.rate_ul_day, pump.app.dispatcher.pending.number, values


def test_an_unpaired_pump_takes_commands_as_before():
    pump = link_rig.keyed_pump()
    assert pump.do("hello")["keyed"] is False
    pump_rig.infuse(pump, 1000)
    assert pump.do("keys") == {"id": pump._identity, "ok": True, "area": "blank", "starts": 0, "hosts": []}


def test_a_board_that_requires_keys_takes_none_before_it_is_paired():
    pump = link_rig.keyed_pump()
    pump.board.KEYS_REQUIRED = True
    assert pump.do("hello")["keyed"] is True
    assert pump.refused("refill_begin") == defs.REFUSE_KEY_NEEDED
    host = link_rig.Host(pump)
    assert host.pair()["ok"]
    host.open()
    host.do("refill_begin")


def test_a_pairing_gives_both_sides_the_same_key():
    pump, host = link_rig.paired("operate")
    assert pump.app.access.store.find("bench").key == host.key
    assert pump.do("keys")["hosts"] == [["bench", defs.ROLE_OPERATE]]
    assert pump.logged(defs.EVENT_HOST_PAIRED) == [[defs.ROLE_OPERATE, 0]]
    assert pump.do("hello")["keyed"] is True


def test_a_pump_and_a_host_have_different_codes_for_the_same_bytes():
    _, host = link_rig.paired()
    for body in (b"{}", b'{"id":1,"ok":true}'):
        assert not host.session.vouches_for(body, host.session.code(body))


def test_the_pump_shows_that_it_has_the_key():
    pump = link_rig.keyed_pump()
    host = link_rig.Host(pump)
    assert host.pair()["proof"] == mac.Mac(host.key).code(b"pump")[:16].hex()
    assert host.open()["proof"] == host.session.proof.hex()


def test_without_a_press_in_the_window_nothing_is_paired():
    pump = link_rig.keyed_pump()
    host = link_rig.Host(pump)
    assert host.pair(press=False)["refused"] == defs.REFUSE_PAIRING_NOT_READY
    pump.run(_MINUTE)
    assert pump.do("pair_state")["stage"] == "idle"
    host.press()
    assert pump.refused("pair_finish", proof="00" * 16) == defs.REFUSE_PAIRING_NOT_READY
    assert not pump.app.access.required


def test_a_host_is_paired_over_usb_only_and_keys_are_erased_over_any_link():
    pump = link_rig.keyed_pump()
    pump.board.link.PAIRS = False
    fields = {"name": "bench", "role": "view", "public": "09" + "00" * 31}
    assert pump.refused("pair_begin", **fields) == defs.REFUSE_NO_KEYS
    pump.do("keys_erase")


def test_a_press_before_the_pairing_does_not_count():
    class Latch:
        """A button that remembers a press, as the Pico's does."""

        was = True

        def pressed(self):
            was, self.was = self.was, False
            return was

    pump = link_rig.keyed_pump()
    pump.board.button.pressed = Latch().pressed
    host = link_rig.Host(pump)
    assert host.pair(press=False)["refused"] == defs.REFUSE_PAIRING_NOT_READY


def test_light_and_sound_show_that_a_pairing_waits_and_end_with_it():
    pump = link_rig.keyed_pump()
    host = link_rig.Host(pump)
    host.begin()
    assert [row[0] for row in pump.do("alarms")["rows"]] == [defs.ALARM_PAIRING_WAITS]
    host.press()
    host.finish()
    pump.run(1000)
    assert pump.do("alarms")["rows"] == []


def test_one_pairing_at_a_time_and_none_while_a_change_waits():
    pump = link_rig.keyed_pump()
    link_rig.Host(pump).begin()
    fields = {"name": "other", "role": "view", "public": "09" + "00" * 31}
    assert pump.refused("pair_begin", **fields) == defs.REFUSE_PAIRING_BUSY
    assert pump.refused("keys_erase") == defs.REFUSE_PAIRING_BUSY
    pump.run(2 * _MINUTE)
    pump.do("param_set", name="pl_per_step", value=5000)  # needs the button
    assert pump.refused("pair_begin", **fields) == defs.REFUSE_PAIRING_BUSY
    assert pump.refused("keys_erase") == defs.REFUSE_PAIRING_BUSY


def test_a_command_that_operates_ends_a_pairing():
    pump = link_rig.keyed_pump()
    host = link_rig.Host(pump)
    host.begin()
    pump.do("silence")
    assert pump.do("pair_state") == {"id": pump._identity, "ok": True, "stage": "idle", "public": None, "left_s": 0}
    host.press()
    assert pump.refused("pair_finish", proof="00" * 16) == defs.REFUSE_PAIRING_NOT_READY


def test_a_wrong_proof_ends_the_pairing():
    pump = link_rig.keyed_pump()
    host = link_rig.Host(pump)
    host.begin()
    host.press()
    assert pump.refused("pair_finish", proof="00" * 16) == defs.REFUSE_PROOF_WRONG
    assert host_stage(pump) == "idle"
    assert pump.do("keys")["hosts"] == []


def host_stage(pump):
    return pump.do("pair_state")["stage"]


def test_points_of_low_order_pair_nothing():
    """With such a public key the secret would be zero, whoever listens."""
    prime = (1 << 255) - 19
    for number in (0, 1, prime - 1, prime, prime + 1):
        pump = link_rig.keyed_pump()
        public = number.to_bytes(32, "little")
        pump.do("pair_begin", name="bench", role="service", public=public.hex())
        pump.run(3000)
        host = link_rig.Host(pump)
        host.press()
        theirs = bytes.fromhex(pump.do("pair_state")["public"])
        info = b"pump pairing" + public + theirs + b"\x02" + (pump.board.UNIQUE_ID + "/bench").encode()
        key = mac.expand(mac.extract(b"pump pairing", bytes(32)), info)
        proof = mac.Mac(key).code(b"host")[:16].hex()
        assert pump.refused("pair_finish", proof=proof) == defs.REFUSE_PROOF_WRONG


def test_noise_that_is_stuck_pairs_nothing():
    pump = link_rig.keyed_pump()
    pump.board.read_noise = lambda buffer: None
    assert pump.refused("pair_begin", name="a", role="view", public="09" + "00" * 31) == defs.REFUSE_NO_RANDOMNESS


def test_bad_names_and_keys_are_refused():
    pump = link_rig.keyed_pump()
    good = "09" + "00" * 31
    for name in ("", "a" * 17, "a b", "a/b", "\u00e4", "a\n"):
        assert pump.refused("pair_begin", name=name, role="view", public=good) == defs.REFUSE_UNKNOWN_NAME
    for public in ("", good[:-1], good[:-2], good + "00", good.replace("9", "G"), "AB" * 32, " " * 64):
        assert pump.refused("pair_begin", name="a", role="view", public=public) == defs.REFUSE_WRONG_TYPE
    assert host_stage(pump) == "idle"


def test_without_a_flash_for_keys_there_is_no_pairing():
    pump = pump_rig.Pump()
    pump.run(10000)
    assert pump.refused("pair_begin", name="a", role="view", public="09" + "00" * 31) == defs.REFUSE_NO_KEYS
    assert pump.do("keys")["area"] == "none"


def test_what_is_not_paired_reads_and_stops_and_does_no_more():
    pump, _ = link_rig.infusing()
    for name in _WITHOUT:
        pump.do(name)
    for name in defs.COMMANDS:
        role, known = defs.COMMANDS[name][1], defs.COMMANDS[name][4]
        if role:
            before = _state(pump)
            answer = pump.ask(name, **{row[0]: 1 for row in known})
            assert (answer["refused"], answer["role"]) == (defs.REFUSE_KEY_NEEDED, defs.ROLE_NAMES[role])
            assert _state(pump) == before
    pump.do("stop")
    pump.run(1000)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY


def test_a_role_permits_what_it_names_and_no_more():
    pump, host = link_rig.paired("service")
    host.open("view")
    assert host.ask("refill_begin")["refused"] == defs.REFUSE_ROLE_TOO_LOW
    host.open("operate")
    for name in [row[0] for row in defs.PARAMS]:
        number = [row[0] for row in defs.PARAMS].index(name)
        answer = host.ask("param_set", name=name, value=defs.PARAMS[number][3])
        low = number in defs.SERVICE_PARAMS
        assert (answer.get("refused") == defs.REFUSE_ROLE_TOO_LOW) == low, (name, answer)
    for name in ("journal_clear", "key_revoke"):
        assert host.ask(name, name="x")["refused"] == defs.REFUSE_ROLE_TOO_LOW
    host.open("service")
    assert host.ask("param_set", name="resume_policy", value=0)["ok"]


def test_a_session_takes_no_higher_role_than_was_paired():
    _, host = link_rig.paired("operate")
    assert host.open("service")["refused"] == defs.REFUSE_HOST_UNKNOWN


def test_an_operator_cannot_confirm_a_change_for_service():
    pump, service = link_rig.paired("service")
    answer = service.do("param_set", name="hour_limit_nl", value=defs.PARAMS[defs.PARAM_HOUR_LIMIT_NL][3] + 1000)
    service.open("operate")
    assert service.ask("confirm", draft=answer["draft"], code=answer["code"])["refused"] == defs.REFUSE_NO_DRAFT


def test_the_code_of_a_change_is_that_of_its_session():
    pump, host = link_rig.paired()
    answers = []
    for _ in range(2):
        host.open()
        answers.append(host.do("param_set", name="soft_rate_ul_day", value=24000))
    assert answers[0]["new"] == answers[1]["new"]
    assert answers[0]["code"] != answers[1]["code"]
    host.open()
    assert host.ask("confirm", draft=answers[1]["draft"], code=answers[1]["code"])["refused"] == defs.REFUSE_NO_DRAFT


def test_an_id_counts_once_and_rises():
    pump, host = link_rig.paired()
    line = host.line("silence", 500000)
    assert host.send(line)["ok"]
    pump._identity = 500000
    for _ in range(5):
        host.do("silence")  # then the answer to the first is no longer stored
    assert host.send(line)["refused"] == defs.REFUSE_ID_USED
    assert host.send(host.line("silence", 499999))["refused"] == defs.REFUSE_ID_USED
    assert host.send(host.line("silence", -1))["refused"] == defs.REFUSE_NO_CHECKSUM
    last = host.line("silence")
    assert host.send(last)["ok"]
    pump.run(61000)  # its answer is no longer stored either
    assert host.send(last)["refused"] == defs.REFUSE_ID_USED


def test_the_same_line_soon_again_gets_the_same_answer_and_is_done_once():
    pump, host = link_rig.paired()
    line = host.line("param_set", name="soft_rate_ul_day", value=24000)
    first = host.send(line)
    assert [host.send(line) for _ in range(3)] == [first] * 3
    assert len(pump.logged(defs.EVENT_DRAFT)) == 1


def test_a_line_without_a_valid_code_burns_no_id():
    pump, host = link_rig.paired()
    good = host.line("silence", 600)
    body = b'{"id":1000000,"cmd":"silence"}~' + b"0" * 32
    assert pump.say(body + b"*%08X\n" % wire.crc(body))[0]["refused"] == defs.REFUSE_CODE_INVALID
    assert host.send(good)["ok"]


def test_a_session_ends_after_three_minutes_and_reading_does_not_hold_it():
    pump, host = link_rig.paired()
    for _ in range(3):
        pump.run(_MINUTE)
        pump.do("status")
    host.do("silence")
    pump.run(3 * _MINUTE + 2000)
    assert host.ask("silence")["refused"] == defs.REFUSE_NO_SESSION
    host.open()
    host.do("silence")


def test_copies_of_a_line_do_not_hold_a_session():
    pump, host = link_rig.paired()
    line = host.line("silence")
    assert host.send(line)["ok"]
    for _ in range(2):
        pump.run(_MINUTE + 2000)
        assert host.send(line)["refused"] == defs.REFUSE_ID_USED
    pump.run(_MINUTE)
    assert host.ask("silence")["refused"] == defs.REFUSE_NO_SESSION


def test_a_session_that_is_not_used_within_three_minutes_of_its_opening_is_gone():
    pump, host = link_rig.paired()
    pump.run(3 * _MINUTE + 2000)
    assert host.ask("silence")["refused"] == defs.REFUSE_NO_SESSION


def test_who_opens_without_the_key_ends_no_session():
    pump, host = link_rig.paired()
    host.do("silence")
    for _ in range(3):
        pump.do("session_open", name="bench", role="service", nonce="00" * 16)
    host.do("silence")


def test_who_opens_often_without_the_key_must_wait_and_stop_and_reading_need_not():
    pump, host = link_rig.paired()
    host.do("silence")
    refused = 0
    for _ in range(30):
        answer = pump.ask("session_open", name="bench", role="service", nonce="00" * 16)
        refused += answer.get("refused") == defs.REFUSE_OPEN_LATER
        pump.do("status")
        pump.do("stop")
        pump.run(1000)
    assert refused > 20
    host.do("silence")  # the session that is open goes on
    pump.run(65000)
    assert host.open()["ok"]
    host.do("silence")
    assert host.open()["ok"]


def test_every_session_has_another_key_also_after_resets_and_with_noise_that_stands():
    chip = flash.Flash(2)
    pump, host = link_rig.paired(keys=chip)
    nonces = set()
    for _ in range(5):
        for _ in range(4):
            answer = host.open()
            host.do("silence")
            nonces.add((answer["nonce"], answer["starts"]))
        host.pump = link_rig.keyed_pump(keys=chip)
    assert len({nonce for nonce, _ in nonces}) == len(nonces) == 20
    assert {starts for _, starts in nonces} == {1, 2, 3, 4, 5}


def test_a_reset_ends_the_session_and_the_keys_stay():
    chip = flash.Flash(2)
    _, host = link_rig.paired(keys=chip)
    host.do("silence")
    host.pump = link_rig.keyed_pump(keys=chip)
    assert host.pump.do("hello")["keyed"] is True
    assert host.ask("silence")["refused"] == defs.REFUSE_NO_SESSION
    assert host.open()["ok"]
    host.do("silence")


def test_a_revoked_host_is_out_at_once():
    pump, host = link_rig.paired()
    other = link_rig.Host(pump, "second", private=bytes(range(2, 34)))
    assert other.pair()["ok"]
    other.open()
    other.do("silence")
    other.do("key_revoke", name="bench")
    assert host.open()["refused"] == defs.REFUSE_HOST_UNKNOWN
    assert other.ask("key_revoke", name="bench")["refused"] == defs.REFUSE_HOST_UNKNOWN
    other.do("key_revoke", name="second")  # its own: the answer still has a code
    assert other.ask("silence")["refused"] == defs.REFUSE_NO_SESSION
    assert not pump.app.access.required


def test_four_hosts_have_a_place_and_a_fifth_has_none():
    pump = link_rig.keyed_pump()
    for number in range(4):
        assert link_rig.Host(pump, "host-%d" % number, private=bytes([number] * 32)).pair()["ok"]
    fields = {"name": "host-4", "role": "view", "public": "09" + "00" * 31}
    assert pump.refused("pair_begin", **fields) == defs.REFUSE_KEYS_FULL
    assert link_rig.Host(pump, "host-1", "view").pair()["ok"]
    assert ["host-1", defs.ROLE_VIEW] in pump.do("keys")["hosts"]


def test_keys_are_erased_only_when_the_button_is_held():
    pump, host = link_rig.paired()
    pump.do("keys_erase")
    for _ in range(5):
        host.press()
        pump.run(3000)
    assert pump.app.access.required
    pump.do("keys_erase") if host_stage(pump) == "idle" else None
    pump.board.button.value = True
    pump.run(4500)
    assert pump.app.access.required
    pump.run(1500)
    assert not pump.app.access.required
    assert pump.do("keys") == {"id": pump._identity, "ok": True, "area": "sound", "starts": 1, "hosts": []}
    assert host.ask("silence")["refused"] == defs.REFUSE_NO_SESSION


def test_a_stop_needs_nothing_and_passes_a_wrong_an_old_and_a_foreign_code():
    for change in (0, 1):
        pump, host = link_rig.infusing()
        line = bytearray(host.line("stop"))
        line[-12] ^= change
        body = bytes(line[:-10])
        pump.say(body + b"*%08X\n" % wire.crc(body))
        pump.run(1000)
        assert pump.controller.supervisor.state == defs.STATE_STANDBY, change
    pump, host = link_rig.infusing()
    line = host.line("stop", 1)
    pump.say(line)
    pump.run(1000)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY


def test_damaged_keys_lock_the_pump_until_they_are_erased():
    chip = flash.Flash(2)
    link_rig.paired(keys=chip)
    for at in range(0, chip.size, flash.PAGE):
        chip.data[at + 100] ^= 1
    pump = link_rig.keyed_pump(keys=chip)
    assert pump.do("keys")["area"] == "damaged"
    assert pump.refused("refill_begin") == defs.REFUSE_KEY_NEEDED
    pump.do("keys_erase")
    pump.board.button.value = True
    pump.run(6000)
    pump.do("refill_begin")


def test_rejected_lines_are_recorded_once_a_minute():
    pump, _ = link_rig.paired()
    for _ in range(200):
        pump.ask("silence")
    assert pump.logged(defs.EVENT_LINE_REJECTED) == [[defs.REFUSE_KEY_NEEDED, 1]]
    pump.run(_MINUTE + 1000)
    pump.ask("silence")
    assert pump.logged(defs.EVENT_LINE_REJECTED)[1:] == [[defs.REFUSE_KEY_NEEDED, 200]]


def test_the_longest_answers_and_requests_with_a_code_fit_a_line():
    pump, host = link_rig.paired()
    rows = [[1 + at % 2, 23999, at * 8700, 8700] for at in range(8)]
    fields = {"profile": "intrahepatic", "rows": rows, "cycles": 100, "repeat_from": 7, "override": "soft_rate"}
    assert len(host.line("therapy_set", **fields)) <= defs.LINE_BYTES
    pump.board.link.sent = bytearray()
    pump.board.link.waiting.extend(host.line("therapy_set", **fields))
    pump.run(0)
    assert max(len(line) + 1 for line in bytes(pump.board.link.sent).split(b"\n")) <= defs.LINE_BYTES
