"""Partial responses: the `fields` parameter, checked against Google's own description of Drive v3."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from local.emulators.drive_errors import DriveApiError

# A tree of names; an empty tree means everything below.
FieldMask = dict[str, "FieldMask"]

_TOKEN = re.compile(r"[\w*]+|[(),/]")
LIST_DEFAULT = "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType,driveId,teamDriveId)"
GET_DEFAULT = "kind,id,name,mimeType,driveId,teamDriveId"


def parse_fields(fields: str, schema: str) -> FieldMask:
    """Raises Drive's 400 for a misspelt name: silence would hide the mistake until production."""
    tokens = _TOKEN.findall(fields)
    if "".join(tokens) != re.sub(r"\s", "", fields) or not tokens:
        raise _invalid(fields)
    mask, rest = _selection(tokens, _properties(schema))
    if rest:
        raise _invalid(rest[0])
    return mask


def wants(mask: FieldMask, field: str) -> bool:
    return not mask or "*" in mask or field in mask


def select(mask: FieldMask, value: Any) -> Any:
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [select(mask, item) for item in value]
    return {name: select(mask[name], item) for name, item in value.items() if name in mask}


def _selection(tokens: list[str], known: dict[str, Any]) -> tuple[FieldMask, list[str]]:
    mask: FieldMask = {}
    while True:
        name, below, tokens = _item(tokens, known)
        mask.setdefault(name, {}).update(below)
        if tokens[:1] != [","]:
            return mask, tokens
        tokens = tokens[1:]


def _item(tokens: list[str], known: dict[str, Any]) -> tuple[str, FieldMask, list[str]]:
    name, *rest = tokens or [""]
    if name != "*" and name not in known:
        raise _invalid(name)
    below_known = _below(known[name]) if name != "*" else {}
    if rest[:1] == ["/"]:
        child, below, rest = _item(rest[1:], below_known)
        return name, {child: below}, rest
    if rest[:1] == ["("]:
        below, rest = _selection(rest[1:], below_known)
        if rest[:1] != [")"]:
            raise _invalid(name)
        return name, below, rest[1:]
    return name, {}, rest


def _below(described: dict[str, Any]) -> dict[str, Any]:
    described = described.get("items", described)
    if "$ref" in described:
        return _properties(described["$ref"])
    properties: dict[str, Any] = described.get("properties", {})
    return properties


@cache
def _schemas() -> dict[str, Any]:
    document = files("googleapiclient") / "discovery_cache" / "documents" / "drive.v3.json"
    schemas: dict[str, Any] = json.loads(document.read_text(encoding="utf-8"))["schemas"]
    return schemas


def _properties(schema: str) -> dict[str, Any]:
    properties: dict[str, Any] = _schemas()[schema]["properties"]
    return properties


def _invalid(name: str) -> DriveApiError:
    return DriveApiError(400, "invalidParameter", f"Invalid field selection {name}", "fields")
