"""The journal: strokes, events, state and settings in flash. They survive power loss at any moment.

journal      what the rest of the pump uses: `write`, `intent` and `done`, `save`, `save_settings`
flash_area   the area as a whole: what is found at power-on, erasing ahead of need, clearing
layout       rings of the area, and the journal's own numbers in a snapshot (generated)
event_log    records of events
stroke_log   records of strokes
snapshot     pages of numbers: the state, and the settings
flash_ring   a ring of records in flash sectors
crc16        checksum of the records
"""
