"""Render msgspec's JSON Schema as TypeScript. Rule: knows the subset that msgspec writes, no more.

A member with a default may be absent on the wire (`omit_defaults`), so it is optional here
and its default stands in `defaults.ts`.
"""

import inspect
import json
import re
from collections.abc import Mapping

from schemas.kinds import Field, Kind
from schemas.wiretypes import Object, Schema, as_object

HEADER = """\
// {what}
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.
"""
LINE_LENGTH = 100
SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def render_types(
    components: Mapping[str, Object], aliases: Mapping[str, Object], modules: Mapping[str, str]
) -> Mapping[str, str]:
    """`types/`: a type per name, an interface per struct by its module; `types.ts` has them all."""
    names: dict[str, str] = {}
    for name, schema in aliases.items():
        if name.lower() != _type(schema, {}):  # `Number` would hide JavaScript's own.
            names.setdefault(_key(schema), name)
    parts: dict[str, list[str]] = {"names": []}
    for key, name in sorted(names.items(), key=lambda pair: pair[1]):
        schema = aliases[name]
        text = _type(schema, {k: v for k, v in names.items() if k != key}, broken="\n  | ")
        space = "" if text.startswith("\n") else " "
        parts["names"].append(f"{_comment(schema, '')}export type {name} ={space}{text};\n")
    for name, schema in sorted(components.items()):
        parts.setdefault(modules[name], []).append(_interface(name, schema, names))
    home = {**modules, **dict.fromkeys(names.values(), "names")}
    told = [f'export type * from "./types/{module}.ts";' for module in sorted(parts)]
    files = {"types.ts": "\n".join([HEADER.format(what="Every type of the wire."), *told, ""])}
    for module, texts in parts.items():
        what = "The named types." if module == "names" else f"The types of `schemas`' {module}."
        imports = _imports("\n".join(texts), module, home)
        files[f"types/{module}.ts"] = "\n".join([HEADER.format(what=what), *imports, *texts])
    return files


def _imports(text: str, module: str, home: Mapping[str, str]) -> list[str]:
    """Import what the code (not its comments and strings) takes from other modules."""
    code = re.sub(r'/\*\*.*?\*/|"[^"]*"', "", text, flags=re.DOTALL)
    wanted: dict[str, list[str]] = {}
    for name in sorted(set(re.findall(r"\b[A-Z]\w*", code)) & home.keys()):
        if home[name] != module:
            wanted.setdefault(home[name], []).append(name)
    lines: list[str] = []
    for other, taken in sorted(wanted.items()):
        line = f'import type {{ {", ".join(taken)} }} from "./{other}.ts";'
        if len(line) > LINE_LENGTH:
            line = "import type {\n  " + ",\n  ".join(taken) + f',\n}} from "./{other}.ts";'
        lines.append(line)
    return [*lines, ""] if lines else []


def render_defaults(components: Mapping[str, Object]) -> str:
    """`defaults.ts`: what an absent member means, for every type that has one beside null."""
    lines = [HEADER.format(what="What an absent member means."), "export const DEFAULTS = {"]
    for name, schema in sorted(components.items()):
        members = [
            f"{key}: {_literal(default)}"
            for key, value in as_object(schema["properties"]).items()
            if (default := as_object(value).get("default")) is not None
        ]
        short = f"  {name}: {{ {', '.join(members)} }},"
        if members and len(short) <= LINE_LENGTH:
            lines.append(short)
        elif members:
            lines += [f"  {name}: {{", *(f"    {member}," for member in members), "  },"]
    return "\n".join([*lines, "} as const;", ""])


def render_limits(limits: Mapping[str, int]) -> str:
    """`limits.ts`: every bound by its name."""
    lines = [f"export const {name} = {value:_};" for name, value in limits.items()]
    return "\n".join([HEADER.format(what="Every bound of the wire."), *lines, ""])


def render_kinds(kinds: Mapping[str, Kind]) -> str:
    """`kinds.ts`: the registry of `schemas.kinds`, which says how each field merges."""
    structs = sorted(kind.struct.__name__ for kind in kinds.values())
    lines = [HEADER.format(what="Every kind of record, and how its fields merge.")]
    lines += ["import type {", *(f"  {name}," for name in structs), '} from "./types.ts";', ""]
    lines += ["/** The body of a record, by its kind. */", "export interface Bodies {"]
    lines += [f"  readonly {kind.name}: {kind.struct.__name__};" for kind in kinds.values()]
    lines += ["}", "", "export type KindName = keyof Bodies;", "", "export const KINDS = {"]
    for kind in kinds.values():
        home = f'{{ by: "{kind.home.by}", field: "{kind.home.field}" }}'
        lines += [f"  {kind.name}: {{", f"    home: {home},"]
        lines += [f"    device_creates: {_literal(kind.device_creates)},"]
        lines += [
            f"    deviceWithdraws: {_literal(kind.device_withdraws)},",
            "    fields: {",
        ]
        for field in kind.fields.values():
            lines += _field(field)
        lines += ["    },", "  },"]
    return "\n".join([*lines, "} as const;", ""])


def _field(field: Field) -> list[str]:
    shown = f'rule: "{field.rule}", device: {_literal(field.device)}'
    if not field.element:
        return [f"      {field.name}: {{ {shown} }},"]
    inner = [f'          {name}: "{one.rule}",' for name, one in field.element.items()]
    start = [f"      {field.name}: {{", f"        {shown},", "        element: {"]
    return [*start, *inner, "        },", "      },"]


def _interface(name: str, schema: Object, names: Mapping[str, str]) -> str:
    properties, needed = as_object(schema["properties"]), schema.get("required")
    required = needed if isinstance(needed, list) else []
    if not properties:
        return f"{_comment(schema, '')}export type {name} = Readonly<Record<string, never>>;\n"
    lines = [f"{_comment(schema, '')}export interface {name} {{"]
    for key, value in properties.items():
        bare = {k: v for k, v in as_object(value).items() if k != "default"}
        told = "" if _key(bare) in names else _comment(bare, "  ")
        mark = "" if key in required else "?"
        text = _type(bare, names, broken="\n    | ")
        space = "" if text.startswith("\n") else " "
        lines.append(f"{told}  readonly {key}{mark}:{space}{text};")
    return "\n".join([*lines, "}", ""])


def _type(schema: Object, names: Mapping[str, str], broken: str = " | ") -> str:
    if (known := names.get(_key(schema))) is not None:
        return known
    if isinstance(reference := schema.get("$ref"), str):
        return reference
    if isinstance(choices := schema.get("enum"), list):
        return _union([_literal(choice) for choice in choices], broken)
    if isinstance(members := schema.get("anyOf"), list):
        return _union([_type(as_object(member), names) for member in members], broken)
    match schema.get("type"):
        case "null":
            return "null"
        case "array":
            inner = _type(as_object(schema.get("items", {})), names)
            return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"
        case "object":
            value = as_object(schema.get("additionalProperties", {}))
            return f"Readonly<Record<string, {_type(value, names)}>>"
        case str() as scalar:
            return SCALARS[scalar]
        case _:
            return "unknown"  # msgspec's empty schema: any JSON.


def _union(members: list[str], broken: str) -> str:
    line = " | ".join(members)
    return line if len(line) <= 76 or broken == " | " else broken + broken.join(members)


def _comment(schema: Object, indent: str) -> str:
    text = schema.get("description")
    if not isinstance(text, str):
        return ""
    lines = inspect.cleandoc(text).splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def _literal(value: Schema) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(schema: Schema) -> str:
    return json.dumps(schema, sort_keys=True)
