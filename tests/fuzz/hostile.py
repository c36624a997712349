"""What is thrown at the routes. Rule: bytes, for a JSON library would write none of it.

A `Mutation` is drawn by Hypothesis and applied to a good document, which is made anew for each
example: ids and numbers change, what is wrong stays the same, and is printed by name.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

DEEP = 10_000
IS_FULL = settings().max_examples > 100  # As the root's conftest.py set it.
FULL_FACTOR = 25
# One installation serves all examples of a test, on purpose: what one left behind meets the next.
SUPPRESSED = (
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
)

# A value that no member of any body expects, as it is written.
ATOMS: Mapping[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "a list": b"[]",
    "an object": b"{}",
    "no text": b'""',
    "text": '"电"'.encode(),
    "zero": b"0",
    "minus one": b"-1",
    "a fraction": b"0.5",
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "minus Infinity": b"-Infinity",
    "1e400": b"1e400",
    "1e-400": b"1e-400",
    "1E5": b"1E5",
    "leading zero": b"01",
    "hexadecimal": b"0x10",
    "2^53": b"9007199254740992",
    "2^63": b"9223372036854775808",
    "-2^63-1": b"-9223372036854775809",
    "2^64": b"18446744073709551616",
    "many digits": b"1" + b"0" * 5_000,
    "a high surrogate, escaped": b'"\\ud800"',
    "surrogates the wrong way round": b'"\\udc00\\ud800"',
    "a surrogate, raw": b'"\xed\xa0\x80"',
    "no UTF-8": b'"\xff"',
    "overlong UTF-8": b'"\xc0\xaf"',
    "NUL, escaped": b'"a\\u0000b"',
    "NUL, raw": b'"a\x00b"',
    "a control character": b'"a\x01b"',
    "a wrong escape": b'"\\x41"',
    "right to left": '"\u202eabc"'.encode(),
    "a megabyte of text": b'"' + b"x" * 1_000_000 + b'"',
    "lists in lists": b"[" * DEEP + b"]" * DEEP,
    "objects in objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "lists without end": b"[" * DEEP,
    "many members": b"{" + b",".join(b'"a%d":1' % i for i in range(5_000)) + b"}",
    "no such day": b'"2026-02-30T25:61:61Z"',
    "before all days": b'"0001-01-01T00:00:00+14:00"',
    "after all days": b'"9999-12-31T23:59:59-14:00"',
    "a day without a zone": b'"2026-11-18T06:00:00"',
    "an id that is none": b'"00000000-0000-0000-0000-00000000000g"',
    "the id of nobody": b'"00000000-0000-0000-0000-000000000000"',
    "a path": b'"../../../etc/passwd"',
    "SQL": b'"\'; DELETE FROM ops; --"',
    "a template": b'"${7*7}{{7*7}}%s%n"',
    "a prototype": b'{"__proto__":{"a":1}}',
    "a comment": b"/* */1",
    "nothing": b"",
}
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-7")
HOW = (
    *("replace", "replace", "replace", "twice", "remove", "wrap", "rename", "add"),
    *("cut", "flip", "insert", "repeat", "encode"),
)


@dataclass(frozen=True)
class Verbatim:
    """Bytes that stand in a document as they are."""

    text: bytes


@dataclass(frozen=True)
class Mutation:
    """One thing done to a document; `where` is counted round its places, or its bytes."""

    how: str
    where: int
    atom: str

    def __call__(self, document: Mapping[str, Any]) -> bytes:
        """The document, as bytes, with that thing done to it."""
        text, atom = written(document), ATOMS[self.atom]
        at = self.where % max(len(text), 1)
        match self.how:
            case "alone":
                return atom
            case "cut":
                return text[:at]
            case "flip":
                return text[:at] + bytes([text[at] ^ (1 << self.where % 8)]) + text[at + 1 :]
            case "insert":
                return text[:at] + atom + text[at:]
            case "repeat":
                return text + text
            case "encode":
                return text.decode().encode(ENCODINGS[self.where % len(ENCODINGS)])
        places = [*paths(document)]
        return written(changed(document, places[self.where % len(places)], self.how, atom))


def written(value: object) -> bytes:
    """JSON; pairs are an object whose names may be there twice."""
    match value:
        case Verbatim(text):
            return text
        case Mapping():
            return written_pairs([*value.items()])
        case list() | tuple():
            return b"[" + b",".join(map(written, value)) + b"]"
    return json.dumps(value).encode()


def written_pairs(pairs: Sequence[tuple[object, object]]) -> bytes:
    return b"{" + b",".join(written(k) + b":" + written(v) for k, v in pairs) + b"}"


def paths(document: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every member, inner ones too."""
    for name, value in document.items():
        yield (*before, name)
        if isinstance(value, Mapping):
            yield from paths(value, (*before, name))


def changed(
    document: Mapping[str, Any], path: tuple[str, ...], how: str, atom: bytes
) -> Mapping[str, Any] | Verbatim:
    name, *rest = path
    if rest:
        return {**document, name: changed(document[name], tuple(rest), how, atom)}
    others = {key: value for key, value in document.items() if key != name}
    match how:
        case "remove":
            return others
        case "twice":
            return Verbatim(written_pairs([*document.items(), (name, Verbatim(atom))]))
        case "wrap":
            return {**document, name: [document[name]]}
        case "rename":
            return Verbatim(written_pairs([*others.items(), (Verbatim(atom), document[name])]))
        case "add":
            return Verbatim(written_pairs([*document.items(), ("another", Verbatim(atom))]))
    return {**document, name: Verbatim(atom)}


mutations = st.builds(
    Mutation, st.sampled_from(HOW), st.integers(0, 2_000), st.sampled_from(sorted(ATOMS))
)
garbage = st.one_of(
    st.binary(max_size=200),
    st.builds(Mutation, st.just("alone"), st.just(0), st.sampled_from(sorted(ATOMS))),
    st.sampled_from([b"\n", b"\n\n\n", b"\r\n", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b" "]),
)


def examples(usual: int) -> settings:
    """So many of them, the same ones in each run; in the long tier more, and each time others.

    A failing example is printed with the decorator that repeats it. It is not made smaller: one is
    small as it is, and each step of that would ask a database.
    """
    return settings(
        max_examples=usual * FULL_FACTOR if IS_FULL else usual,
        derandomize=not IS_FULL,
        deadline=None,
        print_blob=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(SUPPRESSED),
    )
