"""An exchange that was written down, played against the real application and compared by structure.

What differs from run to run (ids, instants, sealed texts, positions) is a name for the run's own
value: the first answer that holds it binds it, from then on it always stands for that value, and
in later requests it is replaced. Everything else must be equal. `"…"` stands for anything.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

ANY = "…"
ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
VARIES = re.compile(
    rf"(org|office|((site|device|archive|office):)?{ID}"  # Ids and scopes.
    r"|\d{4}-\d\d-\d\dT[\d:.]+Z"  # Instants.
    rf"|{ID}\.[\w-]+"  # Credentials.
    r"|[\w-]{40,}"  # What is sealed.
    r"|\d+:\d+)"  # Digests.
)
LARGE = 2**32  # Versions and seqs lie above.
HEADER = re.compile(r"([A-Z][A-Za-z-]+): (.*)")
LINE = re.compile(r"^([<>]) ?(.*)$")
AGAIN = re.compile(r"… ([\d,]+) times in all")  # The line before it.


@dataclass
class Bindings:
    """What each written value stands for in this run."""

    known: dict[str, str] = field(default_factory=dict)
    is_open: bool = False  # A later server may say more than what was written down.

    def bind(self, written: object, found: object) -> bool:
        """Take `written` as a name for `found`; whether that agrees with before."""
        return self.known.setdefault(json.dumps(written), json.dumps(found)) == json.dumps(found)

    def applied(self, text: str) -> str:
        """The text with every bound value in place of its name."""
        for written, found in sorted(self.known.items(), key=lambda pair: -len(pair[0])):
            if written.startswith('"'):
                text = text.replace(written[1:-1], found[1:-1])
            else:
                text = re.sub(rf"(?<![\d\w-]){written}(?![\d\w-])", found, text)
        return text


@dataclass(frozen=True)
class Exchange:
    """A request and what was answered, as lines of text: `>` was sent, `<` came back."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: tuple[Any, ...]
    told: Mapping[str, str] = field(default_factory=dict)  # Headers of the answer, some of them.


def parse(text: str) -> Exchange:
    """Read an exchange. A line that begins with a blank goes on with the one before."""
    sent: list[str] = []
    came: list[str] = []
    for line in text.splitlines():
        found = LINE.match(line)
        assert found, f"neither sent nor received: {line!r}"
        part, rest = (sent if found[1] == ">" else came), found[2]
        if rest.startswith(" ") and part:
            part[-1] += rest.strip()
        elif again := AGAIN.fullmatch(rest):
            part += part[-1:] * (int(again[1].replace(",", "")) - 1)
        else:
            part.append(rest)
    method, path = sent.pop(0).split(" ")
    headers = headers_before(sent)
    status = int(came.pop(0).split(" ")[0])
    told = headers_before(came)
    answer = tuple(values("\n".join(came)))
    return Exchange(method, path, headers, "\n".join(sent).encode(), status, answer, told)


def headers_before(lines: list[str]) -> dict[str, str]:
    """Take the headers that these lines begin with."""
    headers = {}
    while lines and (found := HEADER.fullmatch(lines[0])):
        headers[found[1]] = found[2]
        lines.pop(0)
    return headers


def values(text: str) -> Iterator[Any]:
    """Each JSON value of a text that holds one after another."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        yield value


async def play(exchange: Exchange, http: httpx.AsyncClient, bindings: Bindings) -> Any:
    """Send it, compare what comes back, and give that; what differs is said by its path."""
    body = bindings.applied(exchange.body.decode()).encode()
    headers = {name: bindings.applied(value) for name, value in exchange.headers.items()}
    path = bindings.applied(exchange.path)
    answer = await http.request(exchange.method, path, content=body, headers=headers)
    assert answer.status_code == exchange.status, f"{exchange.path}: {answer.text}"
    found = in_order(list(exchange.answer), list(values(answer.text)), bindings)
    wrong = list(differences(list(exchange.answer), found, bindings, "$"))
    for name, written in exchange.told.items():
        # An address ends in an id, which is this run's own.
        parts = written.split("/"), answer.headers.get(name, "").split("/")
        wrong += differences(*parts, bindings, name)
    assert not wrong, "\n".join([f"{exchange.method} {exchange.path}", *wrong, answer.text])
    return found[0] if found else None


def in_order(written: list[Any], found: list[Any], bindings: Bindings) -> list[Any]:
    """What came, its scopes in the order in which they are written: between scopes there is none.

    The lines of one scope stay as they came.
    """
    order = [one.get("scope") if isinstance(one, dict) else None for one in written]
    if not any(order):
        return found
    names = [json.loads(bindings.applied(json.dumps(one))) for one in order]

    def place(one: Any) -> int:
        scope = one.get("scope") if isinstance(one, dict) else None
        at_end = isinstance(one, dict) and one.get("t") == "end"
        return len(names) if at_end or scope not in names else names.index(scope)

    return sorted(found, key=place)


def differences(written: Any, found: Any, bindings: Bindings, path: str) -> Iterator[str]:
    """What does not agree, each by its path."""
    if written == ANY:
        return
    if isinstance(written, dict) and isinstance(found, dict):
        yield from between_objects(written, found, bindings, path)
    elif isinstance(written, list) and isinstance(found, list):
        found = in_order(written, found, bindings)
        if written[-1:] == [ANY]:
            written, found = written[:-1], found[: len(written) - 1]
        if len(written) != len(found):
            yield f"{path}: {len(written)} are written, {len(found)} came: {found}"
        for place, (one, other) in enumerate(zip(written, found, strict=False)):
            yield from differences(one, other, bindings, f"{path}[{place}]")
    elif is_varying(written) and type(written) is type(found):
        if not bindings.bind(written, found):
            yield f"{path}: {written!r} stood for another value before; now {found!r}"
    elif type(written) is not type(found) or written != found:
        yield f"{path}: {written!r} is written, {found!r} came"


def between_objects(
    written: dict[str, Any], found: dict[str, Any], bindings: Bindings, path: str
) -> Iterator[str]:
    is_open = bindings.is_open or written.get(ANY) == ANY
    rest = {key: value for key, value in written.items() if key != ANY}
    unused = dict(found)
    for key, value in rest.items():
        name = json.loads(bindings.known.get(json.dumps(key), json.dumps(key)))
        if name not in unused:
            if is_varying(key) and len(rest) == len(found) == 1:
                name = next(iter(found))
                bindings.bind(key, name)
            else:
                yield f"{path}.{key} is written and did not come"
                continue
        yield from differences(value, unused.pop(name), bindings, f"{path}.{key}")
    if unused and not is_open:
        yield f"{path}: {unused} came and is not written"


def is_varying(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return value >= LARGE
    return isinstance(value, str) and VARIES.fullmatch(value) is not None
