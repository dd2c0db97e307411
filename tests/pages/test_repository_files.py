"""Files for a hosting service or an editor: they parse, and the workflow runs the README's commands and lint."""

import json
import os

import pytest
import yaml  # installed with pre-commit, which the dev group names
from interpreters import ROOT

FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
YAML = [*FORMS, ROOT / ".github/workflows/ci.yml", ROOT / ".pre-commit-config.yaml"]


def steps_of(workflow):
    (job,) = workflow["jobs"].values()
    return job, job["steps"]


def readme_commands():
    """The commands in the first indented block of the README's section `Two commands`."""
    section = (ROOT / "README.md").read_text().split("## Two commands")[1].split("\n## ")[0]
    return [line.split("#")[0].strip() for line in section.splitlines() if line.startswith("    make ")]


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_yaml_parses(path):
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_the_dev_container_parses_and_runs_the_set_up():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    dockerfile = ROOT / ".devcontainer" / container["build"]["dockerfile"]
    assert container["onCreateCommand"] == "make setup"
    assert "FROM debian:12\n" in dockerfile.read_text()


def test_the_workflow_runs_the_readmes_commands_and_lint_on_debian_12():
    job, steps = steps_of(yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text()))
    ran = [step["run"] for step in steps if "run" in step]
    assert readme_commands() == ["make demo", "make test"]
    assert all(command in ran for command in ["make demo", "make lint gen-check", "make test", "make test-all"]), ran
    assert job["container"] == "debian:12"


def test_the_forms_have_what_the_service_asks_for():
    for path in FORMS:
        form = yaml.safe_load(path.read_text())
        if path.name == "config.yml":
            continue
        assert form["name"] and form["description"], path.name
        names = [field["id"] for field in form["body"] if field["type"] != "markdown"]
        assert len(names) == len(set(names)) > 0, path.name


def test_what_continuous_integration_calls_ends_in_the_tests():
    path = ROOT / ".ci/run"
    commands = [line for line in path.read_text().splitlines() if "make " in line and not line.startswith("#")]
    assert commands == ["make lint gen-check", "exec make test test-all"]
    assert os.access(path, os.X_OK)
