"""Write the wire as TypeScript, check its digest. Rule: `static/pwa/src/wire` has no other author.

    python -m schemas.export            write the TypeScript
    python -m schemas.export --accept   and accept the new digest of the wire
    python -m schemas.export --check    change nothing; exit 1 when something is out of date

The artefact is msgspec's own JSON Schema of every wire type; TypeScript is a view of it. A
change that only touches descriptions leaves the digest alone.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from schemas.kinds import KINDS
from schemas.protocol import PROTOCOL_VERSION
from schemas.typescript import render_defaults, render_kinds, render_limits, render_types
from schemas.wiretypes import Schema, wire_limits, wire_modules, wire_schema

ROOT = Path(__file__).parent.parent
WIRE = ROOT / "static" / "pwa" / "src" / "wire"
DIGEST = ROOT / "tests" / "contract" / "wire.digest"

WHAT_TO_DO = """\
If an old device would not understand this, add a version and its line of history to
schemas/protocol.py. Then run `python -m schemas.export --accept` and commit what it wrote."""


def typescript_files() -> Mapping[str, str]:
    """Every generated file of `static/pwa/src/wire`, by name."""
    components, aliases = wire_schema()
    return {
        **render_types(components, aliases, wire_modules()),
        "defaults.ts": render_defaults(components),
        "limits.ts": render_limits(wire_limits()),
        "kinds.ts": render_kinds(KINDS),
    }


def digest_lines() -> Mapping[str, str]:
    """SHA-256 of each wire type's schema, by name; `protocol` is the version they stand for."""
    components, _ = wire_schema()
    lines = {"protocol": str(PROTOCOL_VERSION)}
    for name, schema in sorted(components.items()):
        text = json.dumps(_without_prose(schema), sort_keys=True, separators=(",", ":"))
        lines[name] = hashlib.sha256(text.encode()).hexdigest()
    return lines


def stale_files() -> list[str]:
    """Names of generated files that are missing, too many, or not what would be written."""
    files = typescript_files()
    stale = [
        name
        for name, text in files.items()
        if not (WIRE / name).is_file() or (WIRE / name).read_text("utf-8") != text
    ]
    return stale + sorted(_present() - files.keys())


def _present() -> set[str]:
    return {str(path.relative_to(WIRE)) for path in WIRE.rglob("*") if path.is_file()}


def changed_types() -> list[str]:
    """Wire types whose schema is not the accepted one; empty when the digest stands."""
    accepted: dict[str, str] = {}
    if DIGEST.is_file():
        accepted = dict(line.split() for line in DIGEST.read_text("utf-8").splitlines())
    current = digest_lines()
    return sorted(k for k in current.keys() | accepted if current.get(k) != accepted.get(k))


def _without_prose(schema: Schema) -> object:
    """The schema without titles and descriptions, which never reach the wire."""
    if isinstance(schema, Mapping):
        named = schema.get("properties")
        kept: dict[str, object] = {
            key: _without_prose(value)
            for key, value in schema.items()
            if key not in ("title", "description", "properties")
        }
        if isinstance(named, Mapping):  # Here the keys are names of members, not keywords.
            kept["properties"] = {key: _without_prose(value) for key, value in named.items()}
        return kept
    if isinstance(schema, list):
        return [_without_prose(value) for value in schema]
    return schema


def main(arguments: list[str]) -> int:
    """Do what the arguments say; the exit code: 0 done, 1 out of date, 2 misunderstood."""
    if not set(arguments) <= {"--check", "--accept"}:
        print(__doc__, file=sys.stderr)
        return 2
    if "--check" in arguments:
        if stale := stale_files():
            print(f"static/pwa/src/wire is out of date ({', '.join(stale)}): run `./dev wire`.")
        if changed := changed_types():
            print(f"The wire changed: {', '.join(changed)}.\n{WHAT_TO_DO}")
        return 1 if stale or changed else 0
    for name, text in (files := typescript_files()).items():
        (WIRE / name).parent.mkdir(parents=True, exist_ok=True)
        (WIRE / name).write_text(text, "utf-8")
    for name in _present() - files.keys():
        (WIRE / name).unlink()
    if "--accept" in arguments:
        DIGEST.parent.mkdir(parents=True, exist_ok=True)
        DIGEST.write_text("".join(f"{k} {v}\n" for k, v in digest_lines().items()), "utf-8")
    elif changed := changed_types():
        print(f"The wire changed: {', '.join(changed)}.\n{WHAT_TO_DO}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
