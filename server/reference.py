"""The page of the programming interface, made from the OpenAPI schema. Rule: no script.

Every page that the framework brings loads its program from another host or needs inline script,
which the Content-Security-Policy forbids. The contract itself is msgspec's JSON Schema
(`schemas.export`); this page is for reading.
"""

from collections.abc import Iterator, Mapping
from html import escape

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.openapi.plugins import OpenAPIRenderPlugin
from msgspec import Struct, field

from server.pages import page

INTRODUCTION = """\
<p class="note">docs/protocol.md 是规范文本。<br>docs/protocol.md is the normative text.</p>
<p><a href="/docs/openapi.json">openapi.json</a></p>"""


class Shape(Struct, frozen=True):
    """A JSON Schema, as far as the page names it."""

    ref: str = field(default="", name="$ref")
    type: str | tuple[str, ...] = ""
    items: "Shape | None" = None


class Content(Struct, frozen=True):
    schema: Shape = Shape()


class Body(Struct, frozen=True):
    """A request body or an answer."""

    content: Mapping[str, Content] = {}


class Parameter(Struct, frozen=True):
    name: str
    place: str = field(name="in")


class Operation(Struct, frozen=True):
    summary: str = ""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body = field(default=Body(), name="requestBody")
    responses: Mapping[str, Body] = {}


class Document(Struct, frozen=True):
    """An OpenAPI document (3.1), as far as the page shows it: path → method → operation."""

    paths: Mapping[str, Mapping[str, Operation]] = {}


class ReferencePage(OpenAPIRenderPlugin):
    """One page with every route: what it takes, and what it answers."""

    def render(
        self, request: Request[object, object, State], openapi_schema: dict[str, object]
    ) -> bytes:
        """Render the schema as HTML."""
        text = self.render_json(request, openapi_schema)
        document = msgspec.json.decode(text, type=Document)
        body = "\n".join([INTRODUCTION, *routes(document)])
        return page("接口 · Interface", body).content.encode()


def routes(document: Document) -> Iterator[str]:
    """Give a section per path, and in it one per method."""
    for path, operations in sorted(document.paths.items()):
        yield f"<h2><code>{escape(path)}</code></h2>"
        for method, operation in operations.items():
            yield f"<h3>{escape(method.upper())} · {escape(operation.summary)}</h3>"
            yield from lines_of(operation)


def lines_of(operation: Operation) -> Iterator[str]:
    """Say what one operation does, takes and answers."""
    for paragraph in filter(str.strip, operation.description.split("\n\n")):
        yield f"<p>{escape(paragraph)}</p>"
    items = [
        f"<code>{escape(one.name)}</code> ({escape(one.place)})" for one in operation.parameters
    ]
    items += [f"→ {named(one.schema)}" for one in operation.body.content.values()]
    for status, answer in sorted(operation.responses.items()):
        shown = ", ".join(named(one.schema) for one in answer.content.values())
        items.append(f"← {escape(status)} {shown}")
    yield f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def named(shape: Shape) -> str:
    """Name a schema by its component, or by its bare type."""
    if shape.ref:
        return f"<code>{escape(shape.ref.rpartition('/')[2])}</code>"
    if shape.items is not None:
        return f"{named(shape.items)}[]"
    types = (shape.type,) if isinstance(shape.type, str) else shape.type
    return escape(" | ".join(types))
