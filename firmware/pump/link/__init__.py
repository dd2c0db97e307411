"""The serial link.

    port         one line in and one line out per step; events and telemetry
    line_reader  bytes to lines
    wire         one JSON object a line, with a CRC-32
    json_reader  the object of a request, read strictly
"""
