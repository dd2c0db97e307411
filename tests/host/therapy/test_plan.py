"""Plans from files: the examples are valid, and every error is found at its line before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from pumpctl import defs, errors
from pumpctl.therapy import plan, plan_file
from pumpctl.therapy.plan import Phase, Plan

REQUIREMENTS = ("D1",)
EXAMPLES = sorted((Path(__file__).parents[3] / "docs" / "plans").glob("*.toml"))
LIMITS = plan.Limits(usable_nl=19_500_000, soft_ul_day=4000)
PHASES = """profile = "intrahepatic"
cycles = 2

[[phase]]
fluid = "saline"
rate_ml_day = 1.0
from_day = 0
to_day = 14

[[phase]]   # the drug
fluid = "drug"
rate_ml_day = 0.8
from_day = 14
to_day = 28

[[phase]]
fluid = "saline"
rate_ml_day = 1
from_day = 28
to_day = 42
"""


def load(folder: Path, text: str, override: str | None = None) -> Plan:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return plan_file.load(path, LIMITS, override)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_valid(path: Path) -> None:
    assert plan_file.load(path, LIMITS).phases


def test_there_is_an_example_of_each_profile() -> None:
    assert {plan_file.load(path, LIMITS).profile for path in EXAMPLES} == set(defs.PROFILE_NAMES)


def test_the_short_form_is_the_long_one(tmp_path: Path) -> None:
    short = load(tmp_path, 'profile = "intrahepatic"\nrate_ml_day = 1.0\nphase_days = 14\ncycles = 2\n')
    assert short == load(tmp_path, PHASES.replace("0.8", "1.0"))
    rows = [[1, 1000, 0, 336], [2, 1000, 336, 336], [1, 1000, 672, 336]]
    assert short.fields() == {
        "profile": "intrahepatic",
        "rows": rows,
        "cycles": 2,
        "repeat_from": 1,
        "volume_nl": 0,
    }


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('fluid = "drug"\nrate_ml_day = 1.001', Plan("continuous", (Phase("drug", 1001, 0, 0),))),
        ('fluid = "drug"\nrate_ml_day = 1_0.5\n', Plan("continuous", (Phase("drug", 10_500, 0, 0),))),
        (
            '[[phase]]\nfluid="saline"\nrate_ml_day=+0.05\nfrom_day=0\nto_day=0.5\n'
            '[[ phase ]]\nfluid="saline"\nrate_ml_day=24\nfrom_day=0.5\n',
            Plan("continuous", (Phase("saline", 50, 0, 12), Phase("saline", 24_000, 12, 0))),
        ),
    ],
)
def test_numbers_are_read_as_their_digits(tmp_path: Path, text: str, wanted: Plan) -> None:
    assert load(tmp_path, f'profile = "continuous"\n{text}', override="soft_rate") == wanted


def test_a_timed_plan_of_phases_ends_by_volume(tmp_path: Path) -> None:
    text = 'profile = "timed"\nvolume_ml = 1.2\n[[phase]]\nfluid = "drug"\nrate_ml_day = 3.6\nfrom_day = 0\n'
    assert load(tmp_path, text) == Plan("timed", (Phase("drug", 3600, 0, 0),), volume_nl=1_200_000)


def test_cycles_begin_at_the_given_phase(tmp_path: Path) -> None:
    two = PHASES[: PHASES.rindex("[[phase]]")]
    assert load(tmp_path, two).repeat_from == 0
    with pytest.raises(errors.BadPlan, match=r"plan\.toml:3: repeat_from_phase: cycles begin and end with saline"):
        load(tmp_path, PHASES.replace("cycles = 2\n", "cycles = 2\nrepeat_from_phase = 1\n"))


@pytest.mark.parametrize(
    ("old", "new", "line", "text"),
    [
        ("from_day = 14", "from_day = 15", 13, "phase 2, from_day: it begins at day 15, but the phase before it ends"),
        ("from_day = 14", "from_day = 13.5", 13, "phase 2, from_day: it begins at day 13.5, but the phase before it"),
        (
            "from_day = 0",
            "from_day = 1",
            7,
            "phase 1, from_day: it begins at day 1, but the plan begins at day 0: a gap.",
        ),
        ("to_day = 28", "to_day = 14", 14, "phase 2, to_day: 14 is not after from_day 14."),
        ("to_day = 28", "to_day = 2", 14, "phase 2, to_day: 2 is not after from_day 14."),
        ("to_day = 28\n", "", 10, "phase 2, to_day: the phase has no end; only the last phase may have none."),
        ("to_day = 42\n", "", 2, "cycles: a plan whose last phase has no end can't have several cycles."),
        ("0.8", "0.049", 12, "phase 2, rate_ml_day: 0.049 mL/day is outside 0.050 mL/day to 24.000 mL/day."),
        ("0.8", "24.001", 12, "phase 2, rate_ml_day: 24.001 mL/day is outside"),
        ("0.8", "0", 12, "phase 2, rate_ml_day: 0.000 mL/day is outside"),
        ("0.8", "-1", 12, "phase 2, rate_ml_day: -1 is not a positive decimal number"),
        ("0.8", "0.80001", 12, "phase 2, rate_ml_day: 0.80001 is finer than the pump's resolution"),
        ("0.8", "1e0", 12, "phase 2, rate_ml_day: 1e0 is not a positive decimal number"),
        ("0.8", "inf", 12, "phase 2, rate_ml_day: inf is not a positive decimal number"),
        ("0.8", '"0.8"', 12, "phase 2, rate_ml_day: '0.8' is not a number"),
        ("0.8", "true", 12, "phase 2, rate_ml_day: True is not a number"),
        (
            "0.8",
            "4.001",
            12,
            "phase 2, rate_ml_day: 4.001 mL/day is above the soft limit of 4.000 mL/day; add --override",
        ),
        ("0.8", "1.4", 12, "phase 2, rate_ml_day: the phase needs 19.600 mL, but the reservoir can give 19.500 mL."),
        (
            "from_day = 14",
            "from_day = 14.1",
            13,
            "phase 2, from_day: 14.1 is finer than the pump's resolution; use fewer",
        ),
        ('"drug"', '"water"', 11, "phase 2, fluid: 'water' is unknown; use saline or drug."),
        ('"drug"', '"none"', 11, "phase 2, fluid: 'none' is unknown; use saline or drug."),
        (
            '"drug"',
            '"saline"',
            11,
            "phase 2, fluid: intrahepatic alternates saline and drug; this phase must be drug.",
        ),
        ("rate_ml_day = 0.8\n", "", 10, "phase 2, rate_ml_day: is missing."),
        ("rate_ml_day = 0.8", "rate_ml_dya = 0.8", 12, "phase 2, rate_ml_dya: unknown key; did you mean"),
        ("cycles = 2", "colour = 2", 2, "colour: unknown key; the keys are profile, "),
        ("cycles = 2", "cycles = 0", 2, "cycles: 0 is outside 1 to 100."),
        ("cycles = 2", "cycles = 1.5", 2, "cycles: 1.5 is finer than the pump's resolution"),
        ("cycles = 2", "repeat_from_phase = 4", 2, "repeat_from_phase: 4 is not one of the phases, 1 to 3."),
        ("cycles = 2", "rate_ml_day = 1", 2, "rate_ml_day: not allowed with intrahepatic beside [[phase]] tables."),
        ("cycles = 2", "volume_ml = 1", 2, "volume_ml: not allowed with intrahepatic."),
        ('"intrahepatic"', '"weekly"', 1, "profile: 'weekly' is unknown; use one of intrahepatic, continuous, timed."),
        ('profile = "intrahepatic"\n', "", 1, "profile: is missing; use one of"),
        ('"intrahepatic"', '"continuous"', 2, "cycles: not allowed with continuous."),
        ("cycles = 2", "cycles 2", 2, "Expected"),
        ("cycles = 2", "cycles = 2\ncycles = 3", 3, "Cannot overwrite a value"),
        ("[[phase]]   # the drug", "[phase]", 10, "Cannot"),
    ],
)
def test_an_error_is_reported_with_its_line(tmp_path: Path, old: str, new: str, line: int, text: str) -> None:
    assert old in PHASES
    with pytest.raises(errors.BadPlan) as caught:
        load(tmp_path, PHASES.replace(old, new, 1))
    assert f"{tmp_path}/plan.toml:{line}: {text}" in str(caught.value)
    assert all(problem.endswith((".", "?")) for problem in caught.value.problems)
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('profile = "continuous"\nfluid = "drug"', "1: rate_ml_day: is missing; add it, or [[phase]] tables."),
        ('profile = "continuous"\nrate_ml_day = 1', "1: fluid: is missing; use saline or drug."),
        (
            'profile = "timed"\nfluid = "drug"\nrate_ml_day = 1',
            "1: profile: timed needs an end; add volume_ml or hours.",
        ),
        (
            'profile = "timed"\nfluid = "drug"\nrate_ml_day = 1\nhours = 2\nvolume_ml = 1',
            "4: hours: a timed plan ends by volume_ml or by hours, not by both.",
        ),
        ('profile = "timed"\nfluid = "drug"\nrate_ml_day = 1\nhours = 0', "4: hours: must be above 0."),
        (
            'profile = "timed"\nfluid = "drug"\nrate_ml_day = 1\nvolume_ml = 30',
            "4: volume_ml: 30.000 mL is more than the 19.500 mL that the reservoir can give.",
        ),
        ('profile = "intrahepatic"\nrate_ml_day = 1\nphase_days = 0', "3: phase_days: must be above 0."),
        ('profile = "intrahepatic"\nrate_ml_day = 1.5', "2: rate_ml_day: the phase needs 21.000 mL, but the reservoir"),
        ('profile = "continuous"\nphase = 3', "2: phase: is not a [[phase]] table."),
        ('profile = "continuous"\nphase = []', "2: phase: is not a [[phase]] table."),
        (
            'profile = "continuous"\n[[phase]]\nfluid="drug"\nrate_ml_day=1\nfrom_day=0\nto_day=1',
            "6: phase 1, to_day: continuous has no end; remove to_day of the last phase.",
        ),
        ("", "1: profile: is missing"),
    ],
)
def test_errors_of_short_forms(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(errors.BadPlan) as caught:
        load(tmp_path, text)
    assert f"plan.toml:{place}" in str(caught.value)


def test_all_errors_are_reported_together(tmp_path: Path) -> None:
    text = (
        PHASES.replace("from_day = 14", "from_day = 15").replace("from_day = 28", "from_day = 27").replace("0.8", "30")
    )
    with pytest.raises(errors.BadPlan) as caught:
        load(tmp_path, text)
    assert [problem.split(":")[1] for problem in caught.value.problems] == ["12", "12", "13", "19"]


def test_more_phases_than_the_pump_accepts(tmp_path: Path) -> None:
    rows = "".join(
        f'[[phase]]\nfluid = "drug"\nrate_ml_day = 1\nfrom_day = {day}\nto_day = {day + 1}\n' for day in range(9)
    )
    with pytest.raises(errors.BadPlan, match="9 phases are more than the pump's maximum of 8; use cycles"):
        load(tmp_path, f'profile = "timed"\n{rows}')


def test_a_soft_limit_is_exceeded_by_its_name(tmp_path: Path) -> None:
    text = 'profile = "continuous"\nfluid = "drug"\nrate_ml_day = 9\n'
    assert load(tmp_path, text, "soft_rate").phases[0].ul_day == 9000
    with pytest.raises(errors.BadPlan, match=r"3: rate_ml_day: 9\.000 mL/day is above the soft limit"):
        load(tmp_path, text, "soft_bolus")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.UsageProblem, match="can't be read"):
        plan_file.load(tmp_path / "nothing.toml", LIMITS)


@pytest.mark.parametrize(("hours", "text"), [(0, "0"), (336, "14"), (12, "0.5"), (3, "0.125"), (340, "14 + 4 h")])
def test_hours_as_days(hours: int, text: str) -> None:
    assert plan.days(hours) == text
