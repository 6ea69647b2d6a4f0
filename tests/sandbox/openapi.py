"""Twilio's own OpenAPI document of TaskRouter v1: its operations and schemas, for tests that hold the sandbox to it.

The document is not part of this repository. It is read from `shared/reference` beside the repository's folder, else
from the npm package that carries the same file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import npm_packages
from jsonschema import Draft202012Validator, FormatChecker
from tracked import ROOT

BESIDE = ROOT.parent / "shared" / "reference" / "taskrouter_v1_openapi.json"
PACKAGE = "@twilio/cli-core@9.0.0"
MEMBER = "src/services/twilio-api/twilio_taskrouter_v1.json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Parameter:
    """One documented parameter: where it stands (query, header or form) and its schema."""

    name: str
    where: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def kind(self) -> str:
        """Its format if it has one, else its type; `enum` for a choice."""
        if "enum" in self.schema:
            return "enum"
        return str(self.schema.get("format") or self.schema.get("type", "any"))


class Operation:
    """One documented operation."""

    def __init__(self, method: str, path: str, definition: Mapping[str, Any]) -> None:
        self.method = method.upper()
        self.path = path
        (self.status,) = map(int, definition["responses"])
        response = definition["responses"][str(self.status)]
        self.headers = frozenset(response.get("headers", {}))
        self.schema: Mapping[str, Any] | None = (
            response["content"]["application/json"]["schema"] if "content" in response else None
        )
        body = definition.get("requestBody", {}).get("content", {})
        self.takes_json = "application/json" in body
        self.parameters = [*_in_address(definition), *_in_form(body.get(FORM, {}).get("schema", {}))]

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix('/v1')}"

    def of(self, where: str) -> list[Parameter]:
        """The parameters that stand in `query`, `header` or `form`."""
        return [parameter for parameter in self.parameters if parameter.where == where]


def _in_address(definition: Mapping[str, Any]) -> list[Parameter]:
    given = definition.get("parameters", [])
    return [
        Parameter(p["name"], p["in"], _resolved(p["schema"]), p.get("required", False))
        for p in given
        if p["in"] != "path"
    ]


def _in_form(schema: Mapping[str, Any]) -> list[Parameter]:
    required = schema.get("required", ())
    return [Parameter(n, "form", _resolved(s), n in required) for n, s in schema.get("properties", {}).items()]


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Mapping[str, Any] = document()["components"]["schemas"][reference.rpartition("/")[2]]
    return found


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document, read once in a run; the test that asks first skips (in CI: fails) if it cannot be had."""
    text = BESIDE.read_bytes() if BESIDE.is_file() else npm_packages.file_in(PACKAGE, MEMBER)
    found: dict[str, Any] = json.loads(text)
    return found


@lru_cache(maxsize=1)
def operations() -> list[Operation]:
    """All 61, in the order of the document."""
    return [
        Operation(method, path, definition)
        for path, item in document()["paths"].items()
        for method, definition in item.items()
        if method in ("get", "post", "delete")
    ]


# --- schemas ----------------------------------------------------------------------------------------------------------

_FORMATS = FormatChecker([])


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    """UTC, in whole seconds: the SDKs read no other form."""
    return not isinstance(value, str) or bool(datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    """Absolute; an empty text is how TaskRouter's own samples show a URL that is not set."""
    return not isinstance(value, str) or value == "" or urlsplit(value).scheme in ("http", "https")


@_FORMATS.checks("uri-map")
def _is_uri_map(value: object) -> bool:
    return not isinstance(value, dict) or all(each is None or (each and _is_uri(each)) for each in value.values())


def complaints(schema: Mapping[str, Any], found: Any) -> list[str]:
    """What is wrong with an answer's body, by place: fields that are missing, too many, of another type or format."""
    errors = _validator(json.dumps(schema)).iter_errors(found)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


@lru_cache(maxsize=100)
def _validator(schema: str) -> Draft202012Validator:
    root = {**_in_json_schema(json.loads(schema)), "components": {"schemas": _schemas()}}
    return Draft202012Validator(root, format_checker=_FORMATS)


@lru_cache(maxsize=1)
def _schemas() -> Any:
    return _in_json_schema(document()["components"]["schemas"])


def _in_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: what is `nullable` may be null, and an undocumented property is a mistake."""
    if isinstance(node, list):
        return [_in_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {name: _in_json_schema(value) for name, value in node.items() if name not in ("nullable", "example")}
    if node.get("type") == "object" and node.get("properties"):
        found["additionalProperties"] = False
        found["required"] = sorted(node["properties"])
    return {"anyOf": [found, {"type": "null"}]} if node.get("nullable") is True else found
