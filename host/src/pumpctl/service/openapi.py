"""The description of the REST interface (OpenAPI 3.1), made from the definitions, and the same as a page."""

from __future__ import annotations

import html
from typing import Any

from pumpctl import __version__, defs

_ROWS = "rows of whole numbers"
_ERROR = {"description": "Not done; `error` has a code and a sentence.", "content": {"application/json": {}}}
_TYPES: dict[str, dict[str, Any]] = {
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "choice": {"type": "string"},
    "name": {"type": "string"},
    "text": {"type": "string"},
    "rows": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}, "description": _ROWS},
}
_PUMP = {"name": "pump", "in": "path", "required": True, "schema": {"type": "string"}, "description": "its name, as 1"}
_SESSION = {"name": "session", "in": "path", "required": True, "schema": {"type": "string"}}
_KIND = {
    "name": "kind", "in": "path", "required": True,
    "schema": {"type": "string", "enum": ["telemetry", "event", "request", "gap", "world"]},
}  # fmt: skip
_PAIRING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "of the service on the pump"},
        "role": {"type": "string", "enum": list(defs.ROLE_NAMES), "description": "the highest that it may take"},
    },
    "required": ["name", "role"],
}

Operation = dict[str, Any]


def document() -> dict[str, Any]:
    """Return the description of all paths."""
    paths: dict[str, Any] = {
        "/api/v1/names": {"get": _operation("Names and texts of states and alarms by their numbers.")},
        "/api/v1/pumps": {"get": _operation("The pumps of this service: port, link, versions, last status.")},
        "/api/v1/pumps/{pump}": {"get": _operation("One pump.", [_PUMP])},
        "/api/v1/pumps/{pump}/world": {
            "get": _operation("True values of a simulated pump's world.", [_PUMP]),
            "post": _operation("An action on the world of a simulated pump.", [_PUMP], _action_schema()),
        },
        "/api/v1/pumps/{pump}/pair": {
            "post": _operation("Pair the service; waits up to a minute for the pump's button.", [_PUMP], _PAIRING)
        },
        "/api/v1/sessions": {"get": _operation("The sessions that are stored.")},
        "/api/v1/sessions/{session}/curves": {
            "get": _operation("The telemetry of a session in 5000 parts at most, each with its extremes.", [_SESSION])
        },
        "/api/v1/sessions/{session}/{kind}": {
            "get": _operation("Rows of a session, at most 5000, after the id `after`.", [_SESSION, _KIND])
        },
    }
    for command in defs.COMMANDS.values():
        path = f"/api/v1/pumps/{{pump}}/commands/{command.name}"
        paths[path] = {"post": _operation(command.text, [_PUMP], _schema(command))}
    about = "The service of pumpctl. For the bench, with water. A WebSocket at /api/v1/ws has the same commands."
    info = {"title": "pumpctl", "version": __version__, "description": about}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def page() -> str:
    """Return the description as a page that needs nothing from elsewhere."""
    rows = []
    for path, operations in document()["paths"].items():
        for verb, operation in operations.items():
            fields = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            text = "<br>".join(_field_text(name, field) for name, field in fields.get("properties", {}).items())
            cells = (f"<code>{verb.upper()} {html.escape(path)}</code>", html.escape(operation["summary"]), text)
            rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>pumpctl: REST interface</title><link rel="stylesheet" href="/style.css"><h1>REST interface</h1>'
        f'<p>{html.escape(document()["info"]["description"])} <a href="openapi.json">openapi.json</a></p>'
        f"<table><tr><th>request<th>what it does<th>fields</tr>{''.join(rows)}</table></html>"
    )


def _field_text(name: str, field: dict[str, Any]) -> str:
    limits = f" {field['minimum']} to {field['maximum']}" if "minimum" in field else ""
    names = f" {', '.join(field['enum'])}" if "enum" in field else ""
    return html.escape(f"{name}: {field.get('description', field['type'])},{limits}{names}".rstrip(","))


def _operation(summary: str, parameters: list[Any] | None = None, schema: dict[str, Any] | None = None) -> Operation:
    good = {"description": "Done.", "content": {"application/json": {}}}
    made: Operation = {"summary": summary, "responses": {"200": good, "default": _ERROR}}
    if parameters:
        made["parameters"] = parameters
    if schema is not None:
        made["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return made


def _action_schema() -> dict[str, Any]:
    properties = {
        "action": {"type": "string", "description": "as `pumpctl world help` lists them"},
        "value": {"type": "integer", "description": "number of the action"},
    }
    return {"type": "object", "properties": properties, "required": ["action"]}


def _schema(command: defs.Command) -> dict[str, Any]:
    properties = {field.name: _property(field) for field in command.fields}
    required = [field.name for field in command.fields if field.default is None]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _property(field: defs.Field) -> dict[str, Any]:
    unit = f" ({field.unit})" if field.unit else ""
    made = {**_TYPES[field.type], "description": f"{field.text}{unit}"}
    if field.choices:
        made["enum"] = list(field.choices)
    if field.type == "int":
        made |= {"minimum": field.min, "maximum": field.max}
    return made
