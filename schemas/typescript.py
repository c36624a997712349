"""Render msgspec's JSON Schema as TypeScript. Rule: knows the subset that msgspec writes, no more.

A member with a default may be absent on the wire (`omit_defaults`), so it is optional here
and its default stands in `defaults.ts`.
"""

import json
from collections.abc import Mapping

from schemas.wiretypes import Named, Schema

HEADER = """\
// {what} Generated from `schemas/` by `./dev wire`: do not edit.
// Rule: the wire knows nothing of the app.
"""
SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def render_types(components: Named, aliases: Named) -> str:
    """`types.ts`: an interface per struct, a type per name."""
    names: dict[str, str] = {}
    for name, schema in aliases.items():
        names.setdefault(_key(schema), name)
    parts = [HEADER.format(what="Every type of the wire.")]
    for name, schema in sorted(aliases.items()):
        assert isinstance(schema, Mapping)
        without = {k: v for k, v in names.items() if v != name}
        if names[_key(schema)] != name:
            without = {k: v for k, v in names.items() if k != _key(schema)}
        text = _type(schema, without, broken="\n  | ")
        parts.append(f"{_comment(schema, '')}export type {name} = {text};\n")
    for name, schema in sorted(components.items()):
        assert isinstance(schema, Mapping)
        parts.append(_interface(name, schema, names))
    return "\n".join(parts)


def render_defaults(components: Named) -> str:
    """`defaults.ts`: what an absent member means, for every type that has one beside null."""
    lines = [HEADER.format(what="What an absent member means."), "export const DEFAULTS = {"]
    for name, schema in sorted(components.items()):
        assert isinstance(schema, Mapping)
        properties = schema.get("properties")
        assert isinstance(properties, Mapping)
        members = [
            f"{key}: {_literal(value['default'])}"
            for key, value in properties.items()
            if isinstance(value, Mapping) and value.get("default") is not None
        ]
        if members:
            lines += [f"  {name}: {{", *(f"    {member}," for member in members), "  },"]
    return "\n".join([*lines, "} as const;", ""])


def render_limits(limits: Mapping[str, int]) -> str:
    lines = [f"export const {name} = {value:_};" for name, value in limits.items()]
    return "\n".join([HEADER.format(what="Every bound of the wire."), *lines, ""])


def _interface(name: str, schema: Mapping[str, Schema], names: Mapping[str, str]) -> str:
    properties, required = schema.get("properties"), schema.get("required", [])
    assert isinstance(properties, Mapping) and isinstance(required, list)
    if not properties:
        return f"{_comment(schema, '')}export type {name} = Readonly<Record<string, never>>;\n"
    lines = [f"{_comment(schema, '')}export interface {name} {{"]
    for key, value in properties.items():
        assert isinstance(value, Mapping)
        bare = {k: v for k, v in value.items() if k != "default"}
        told = "" if _key(bare) in names else _comment(bare, "  ")
        mark = "" if key in required else "?"
        lines.append(f"{told}  readonly {key}{mark}: {_type(bare, names)};")
    return "\n".join([*lines, "}", ""])


def _type(schema: Schema, names: Mapping[str, str], broken: str = " | ") -> str:
    assert isinstance(schema, Mapping)
    if (known := names.get(_key(schema))) is not None:
        return known
    if isinstance(reference := schema.get("$ref"), str):
        return reference
    if isinstance(choices := schema.get("enum"), list):
        return _union([_literal(choice) for choice in choices], broken)
    if isinstance(members := schema.get("anyOf"), list):
        return _union([_type(member, names) for member in members], broken)
    match schema.get("type"):
        case "null":
            return "null"
        case "array":
            inner = _type(schema.get("items", {}), names)
            return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"
        case "object":
            value = schema.get("additionalProperties", {})
            return f"Readonly<Record<string, {_type(value, names)}>>"
        case str() as scalar:
            return SCALARS[scalar]
        case _:
            return "unknown"  # msgspec's empty schema: any JSON.


def _union(members: list[str], broken: str) -> str:
    flat = dict.fromkeys(members)
    line = " | ".join(flat)
    return line if len(line) <= 76 or broken == " | " else broken + broken.join(flat)


def _comment(schema: Mapping[str, Schema], indent: str) -> str:
    text = schema.get("description")
    if not isinstance(text, str):
        return ""
    lines = text.strip().splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def _literal(value: Schema) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(schema: Schema) -> str:
    return json.dumps(schema, sort_keys=True)
