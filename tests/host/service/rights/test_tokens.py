"""Tokens of the service: what a file may hold, what a token gives, and which role a command needs (C5, C7)."""

from __future__ import annotations

from pathlib import Path

import pytest
from pumpctl import defs, errors
from pumpctl.service.rights import tokens

REQUIREMENTS = ("C5", "C7")
_TOKEN = "a-token-of-the-test"


def test_a_file_gives_each_token_its_role_and_name(tmp_path: Path) -> None:
    place = tmp_path / "tokens"
    place.write_text(f"{_TOKEN}\n\n{_TOKEN}-2 view\n{_TOKEN}-3 operate anna\n")
    place.chmod(0o600)
    assert tokens.read(place) == {
        _TOKEN: tokens.Grant("service"),
        f"{_TOKEN}-2": tokens.Grant("view"),
        f"{_TOKEN}-3": tokens.Grant("operate", "anna"),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no token"),
        ("\n \n", "holds no token"),
        ("short", "line 1 of .* fewer than 16 letters"),
        (f"{_TOKEN}\n{_TOKEN} view", "Line 2 of .* is not TOKEN ROLE NAME of a new token"),
        (f"{_TOKEN} root", "roles: view, operate, service"),
        (f"{_TOKEN} view anna bell", "Line 1 of"),
    ],
)
def test_a_file_that_is_wrong_is_told_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    place = tmp_path / "tokens"
    place.write_text(text)
    place.chmod(0o600)
    with pytest.raises(errors.UsageProblem, match=said):
        tokens.read(place)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "tokens"
    place.write_text(f"{_TOKEN}\n")
    place.chmod(0o640)
    with pytest.raises(errors.UsageProblem, match=f"can be read by others; type `chmod 600 {place}`"):
        tokens.read(place)


def test_a_token_gives_its_role_and_none_or_a_wrong_one_gives_view_where_keys_are_required() -> None:
    made = tokens.Tokens({})
    assert made.asker("x", made.own).role(keyed=True) == "service"
    for wrong in (None, "", made.own[:-1], made.own + "x", "\udcff"):
        asker = made.asker("x", wrong)
        assert (asker.role(keyed=True), asker.role(keyed=False)) == ("view", "service"), wrong
    given = tokens.Tokens({_TOKEN: tokens.Grant("operate", "anna")})
    assert given.asker("x", None).role(keyed=False) == "view"
    anna = given.asker("x, web", _TOKEN)
    assert (anna.role(keyed=False), str(anna)) == ("operate", "anna (operate), x, web")


def test_the_role_for_a_command_is_that_of_the_definitions_and_of_the_parameter() -> None:
    assert [tokens.role_for(name, {}) for name in ("status", "stop", "start", "journal_clear")] == [
        "view",
        "view",
        "operate",
        "service",
    ]
    for param in defs.PARAMS.values():
        assert tokens.role_for("param_set", {"name": param.name}) == param.key
    assert {param.key for param in defs.PARAMS.values()} == {"operate", "service"}
    assert tokens.role_for("param_set", {"name": ["x"]}) == "operate"  # the pump refuses it
    for command in ("pair_begin", "pair_finish", "keys_erase", "not_in_these_definitions"):
        assert tokens.role_for(command, {}) == "service"
