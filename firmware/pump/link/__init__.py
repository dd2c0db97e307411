"""The serial link.

    port         one line in and one line out per step; events and telemetry
    line_reader  bytes to lines
    wire         one JSON object a line, with a CRC-32
    json_reader  the object of a request, read strictly

Keys:

    mac          message authentication codes and derived keys
    x25519       the agreement of a secret with a host
    random_pool  bytes that nobody can foresee
"""
