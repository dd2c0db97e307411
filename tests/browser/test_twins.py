"""What the page works out as the host's Python does: amounts, read-backs, records. Both get the same cases."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from browser.chromium import Page
from pumpctl import defs, errors, units
from pumpctl.protocol import answers, changes

AMOUNTS = (
    "1", "1.5", "0.000001", "0.0000001", "16mL", "15800uL", "15800 µL", "20nL", "1.5mL/day", "1000uL/d", "", ".",
    "1.", ".5", "-1",
    "1e3", "1,5", "1 500", "1.5 l", "999999999", "1000000000", "0", "00.10", "1.0005", " 2 ", "1 mL mL", "٣",
)  # fmt: skip
READ_BACKS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("rate", {"ul_day": 1200, "override": "none"}, {"rate_ul_day": 1200, "left_s": 1, "holds_s": None}),
    ("rate", {"ul_day": 1200}, {"rate_ul_day": 1201}),
    ("rate", {"ul_day": 1200, "override": "soft_rate"}, {"rate_ul_day": 1200, "override": "none"}),
    ("rate", {"ul_day": 1200}, {}),
    ("param_set", {"name": "silence_s", "value": 60}, {"silence_s": 60}),
    ("param_set", {"name": "silence_s", "value": 60}, {"silence_s": 61}),
    ("param_set", {"name": "silence_s", "value": 60}, {"soft_rate_ul_day": 60}),
    ("bolus", {"volume_nl": 20_100, "override": "none"}, {"volume_nl": 20_000}),
    ("bolus", {"volume_nl": 20_500}, {"volume_nl": 20_000}),
    ("bolus", {"volume_nl": 20_000}, {"volume_nl": 20_100}),
    ("prime", {"volume_nl": 5_000, "purpose": "prime"}, {"volume_nl": 5_000, "purpose": "bridge"}),
    ("refill_finish", {"volume_nl": 16, "fluid": "drug", "early": True}, {"volume_nl": 16, "fluid": "drug"}),
    ("refill_finish", {"volume_nl": 16, "fluid": "drug"}, {"volume_nl": True, "fluid": "saline"}),
    (
        "therapy_set",
        {"profile": "intrahepatic", "rows": [[1, 1000, 0, 336], [2, 1000, 336, 336]], "cycles": 3, "repeat_from": 1},
        {"profile": "intrahepatic", "rows": [[1, 1000, 0, 336], [2, 1000, 336, 336]], "phases": 4, "repeat_from": 1},
    ),
    (
        "therapy_set",
        {"profile": "continuous", "rows": [[1, 1000, 0, 0]], "cycles": 1, "repeat_from": 0},
        {"profile": "continuous", "rows": [[1, 1010, 0, 0]], "phases": 2, "repeat_from": 0},
    ),
)


def _python(convert: Callable[[str], int], text: str) -> int | None:
    try:
        return convert(text)
    except errors.PumpError:
        return None


def test_amounts_are_read_as_the_command_line_reads_them(modules: Page) -> None:
    found = modules.run(f"""(async () => {{
        const units = await import('/units.js');
        const read = (convert, text) => {{
            try {{
                return convert(text);
            }} catch (error) {{
                return error instanceof units.BadAmount ? null : String(error);
            }}
        }};
        return {json.dumps(AMOUNTS)}.map((text) => [read(units.volumeNl, text), read(units.rateUlDay, text)]);
    }})()""")
    wanted = [[_python(units.volume_nl, text), _python(units.rate_ul_day, text)] for text in AMOUNTS]
    assert dict(zip(AMOUNTS, found, strict=True)) == dict(zip(AMOUNTS, wanted, strict=True))
    assert sum(volume is None for volume, _ in wanted) > 5


def test_a_read_back_is_compared_as_the_command_line_compares_it(modules: Page) -> None:
    chance = random.Random(1)
    cases = list(READ_BACKS)
    for _ in range(500):
        command, asked, new = chance.choice(READ_BACKS)
        changed = dict(new)
        name = chance.choice([*new, "other"])
        changed[name] = chance.choice(
            [changed.get(name), None, 0, 1, "none", True, chance.randrange(30_000), [[1, 2, 3, 4]]]
        )
        cases.append((command, asked, changed))
    found = modules.run(f"""(async () => {{
        const {{ differences }} = await import('/readback.js');
        return {json.dumps(cases)}.map((each) => differences(...each).map((text) => text.split(' ')[0]).sort());
    }})()""")
    wanted = [sorted(text.split(" ")[0] for text in changes.differences(*each)) for each in cases]
    wrong = [(case, one, other) for case, one, other in zip(cases, found, wanted, strict=True) if one != other]
    assert wrong == []
    assert 100 < sum(bool(names) for names in wanted) < 500


def test_every_kind_of_record_is_named_as_on_the_command_line(modules: Page) -> None:
    rows = [
        answers.LogRow(1, 0, 0, event, a, b) for event in [*defs.EVENTS, 999] for a in (0, 1, 104, 999) for b in (0, 2)
    ]
    cases = [[row.event, row.a, row.b] for row in rows]
    found = modules.run(f"""(async () => {{
        const {{ detail, eventName }} = await import('/names.js');
        return {json.dumps(cases)}.map((each) => [eventName(each[0]), detail(...each)]);
    }})()""")
    assert found == [[row.name, row.detail] for row in rows]


def test_pressures_and_volumes_are_rounded_as_on_the_command_line(modules: Page) -> None:
    pressures = [*range(-1200, 1200, 10), 10_850, 10_849, 138_000, -50, 49]
    volumes = [0, 499, 500, -499, -500, 1_234_500, 1_000_499, 16_000_000, *range(1_000_500, 1_100_000, 1000)]
    found = modules.run(f"""(async () => {{
        const {{ kpa, ml }} = await import('/units.js');
        return [{json.dumps(pressures)}.map(kpa), {json.dumps(volumes)}.map(ml)];
    }})()""")
    assert found == [[units.kpa(pa) for pa in pressures], [units.ml(nl) for nl in volumes]]
