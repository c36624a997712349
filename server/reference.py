"""The page of the programming interface, made from the OpenAPI schema. Rule: no script.

Every page that the framework brings loads its program from another host or needs inline script,
which the Content-Security-Policy forbids. The contract itself is msgspec's JSON Schema
(`schemas.export`); this page is for reading.
"""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

from server.pages import page

INTRODUCTION = """\
<p class="note">docs/protocol.md 是规范文本。<br>docs/protocol.md is the normative text.</p>
<p><a href="/docs/openapi.json">openapi.json</a></p>"""
METHODS = ("get", "post", "put", "patch", "delete", "head")


class ReferencePage(OpenAPIRenderPlugin):
    """One page with every route: what it takes, and what it answers."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Render the schema as HTML."""
        body = "\n".join([INTRODUCTION, *routes(openapi_schema)])
        return page("接口 · Interface", body).content.encode()


def routes(schema: Mapping[str, Any]) -> Iterator[str]:
    """Give a section per path, and in it one per method."""
    for path, item in sorted(schema["paths"].items()):
        yield f"<h2><code>{escape(path)}</code></h2>"
        for method in METHODS:
            if operation := item.get(method):
                yield from lines_of(method, operation)


def lines_of(method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """Say what one operation does, takes and answers."""
    yield f"<h3>{method.upper()} · {escape(operation.get('summary') or '')}</h3>"
    for paragraph in (operation.get("description") or "").split("\n\n"):
        yield f"<p>{escape(paragraph)}</p>" if paragraph.strip() else ""
    items = [
        f"<code>{escape(one['name'])}</code> ({escape(one['in'])})"
        for one in operation.get("parameters") or ()
    ]
    items += [f"→ {named(one)}" for one in contents(operation.get("requestBody"))]
    for status, answer in sorted((operation.get("responses") or {}).items()):
        shown = ", ".join(named(one) for one in contents(answer))
        items.append(f"← {escape(status)} {shown}")
    yield f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def contents(part: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """List the schemas of a body."""
    return [one.get("schema") or {} for one in ((part or {}).get("content") or {}).values()]


def named(schema: Mapping[str, Any]) -> str:
    """Name a schema by its component, or by its bare type."""
    if ref := schema.get("$ref"):
        return f"<code>{escape(ref.rpartition('/')[2])}</code>"
    if schema.get("type") == "array":
        return f"{named(schema.get('items') or {})}[]"
    return escape(str(schema.get("type", "")))
