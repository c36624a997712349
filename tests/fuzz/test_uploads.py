"""Uploads that no honest client makes: headers of any bytes, metadata of any shape, bombs.

Rule: what is refused is refused by a problem that the docs know, and no row of any table moves.
"""

import base64
from collections.abc import Mapping
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.conftest import Stage
from tests.fuzz.hostile import examples
from tests.fuzz.laws import ask, demand_no_fault, dump

CONTENT = b"\xff\xd8\xff a photo"
GOOD = {
    "tus-resumable": "1.0.0",
    "upload-length": str(len(CONTENT)),
    "upload-metadata": "sha256 " + base64.b64encode(sha256(CONTENT).hexdigest().encode()).decode(),
    "upload-offset": "0",
    "content-type": "application/offset+octet-stream",
}
# These are found out after the upload was announced, or change how often it was refused.
ANNOUNCED = {"digest-differs", "checksum-differs", "upload-past-end"}

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["", " 1", "1 ", "+1", "0x10", "1e3", "١", "1_0", "0" * 4_000, "9" * 4_000]),
)
PLAIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=60)
BASE64 = st.one_of(st.binary(max_size=80).map(lambda raw: base64.b64encode(raw).decode()), PLAIN)
KEYS = st.one_of(st.sampled_from(["sha256", "name", "type", "attachment", "x", ""]), PLAIN)
METADATA = st.lists(st.tuples(KEYS, BASE64), max_size=40).map(
    lambda pairs: ",".join(f"{key} {value}" for key, value in pairs)
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "tus-resumable": st.sampled_from(["1.0.0", "0.2.2", "", "1.0.0, 1.0.0"]),
        "upload-length": NUMBERS,
        "upload-offset": NUMBERS,
        "upload-metadata": st.one_of(METADATA, PLAIN, st.just("a" * 100_000)),
        "upload-checksum": st.one_of(
            PLAIN,
            BASE64.map(lambda text: f"sha1 {text}"),
            BASE64.map(lambda text: f"sha256 {text}"),
        ),
        "upload-defer-length": PLAIN,
        "upload-concat": PLAIN,
        "content-type": st.one_of(st.just("image/jpeg"), PLAIN),
        "content-encoding": st.sampled_from(["gzip", "zstd", "identity", ""]),
        "content-length": NUMBERS,
        "transfer-encoding": st.just("chunked"),
        "x-http-method-override": st.sampled_from(["PATCH", "DELETE", "HEAD", "PUT", "patch", ""]),
    },
)
BODIES = st.sampled_from([b"", CONTENT, CONTENT[:5], CONTENT + b"!", b"x" * len(CONTENT)])


@examples(120)
@given(
    method=st.sampled_from(["POST", "HEAD", "PATCH", "DELETE", "OPTIONS", "PUT", "GET"]),
    is_known=st.booleans(),
    wrong=HEADERS,
    body=BODIES,
)
async def test_whatever_is_said_to_uploads_is_no_fault_and_what_is_refused_changes_nothing(
    stage: Stage, *, method: str, is_known: bool, wrong: Mapping[str, str], body: bytes
) -> None:
    headers = {
        "authorization": stage.bearer,
        **GOOD,
        "content-length": str(len(body)),
        **wrong,
    }
    raw = {name: value.encode("latin-1", "replace") for name, value in headers.items()}
    made = await ask(
        stage.house,
        "POST",
        "/files",
        headers={**GOOD, "authorization": stage.bearer, "content-length": "0"},
    )
    path = made.headers["location"] if is_known else "/files"
    before = await dump(stage.house.database)
    answer = await ask(stage.house, method, path, headers=raw, body=body)
    demand_no_fault(answer)
    if answer.status >= 400 and answer.slug not in ANNOUNCED:
        assert await dump(stage.house.database) == before


@examples(60)
@given(
    asked=st.lists(
        st.one_of(
            st.just(sha256(CONTENT).hexdigest()),
            st.text(max_size=70),
            st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
        ),
        max_size=20,
    )
)
async def test_have_names_nothing_but_what_was_asked_and_brought(
    stage: Stage, asked: list[str]
) -> None:
    answer = await stage.post(
        "/files/have", b'{"sha256":' + str(asked).replace("'", '"').encode() + b"}"
    )
    demand_no_fault(answer)
    if answer.status == 200:
        assert answer.json() == {}
