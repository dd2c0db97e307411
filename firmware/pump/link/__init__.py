"""The serial link.

    port         one line in and one line out per step; events and telemetry
    line_reader  bytes to lines
    wire         one JSON object a line, with a CRC-32
    json_reader  the object of a request, read strictly

Who may command the pump:

    access       the keys, the session, what is rejected
    session      the codes of a session's lines
    pairing      a key for a new host, with the pump's button
    key_store    the keys in flash
    mac          message authentication codes and derived keys
    x25519       the agreement of a secret with a host
    random_pool  bytes that can not be foreseen
"""
