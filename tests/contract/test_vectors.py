"""Contract: the server computes what tests/vectors say. Rule: vectors.test.ts runs them in the app.

Vectors of what the server alone does (three-way merging, positions, refusals) are run here only.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from unicodedata import category
from uuid import UUID

import msgspec
import pytest
import rfc8785

from schemas.kinds.evidence import TYPED_MARK
from schemas.kinds.work import Visit
from schemas.ops import Op
from schemas.pull import PullLine
from server.keys import thumbprint
from server.presence import belongs
from server.reports.values import unit_words
from server.seals import Ring, look, payload
from server.signing import Covered, answers_digest, findings_here, since
from server.statement import TYPED, HandedIn, canonical, listed
from server.store.keys import Registered
from sync import ids
from sync.changes import read_changes
from sync.errors import InvalidOp, TokenRefused
from sync.lines import read_line
from sync.merge import Merge, Writer, merge
from sync.names import is_name
from sync.position import Acked, Place, Position, seal, unseal
from sync.record import MARK_SPAN, Record, Stamp, mark

VECTORS = Path(__file__).parents[1] / "vectors"
ZONE = "Asia/Shanghai"
SCOPE = "site:x"
RECORD, LINEAGE, PERSON = UUID(int=1), UUID(int=2), UUID(int=3)
BASIC = {"n": 1, "id": str(UUID(int=9)), "by": str(PERSON), "record": str(RECORD)}
MADE = {"made": {"wall": "2026-11-20T00:58:11Z", "session": str(UUID(int=4))}}


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text("utf-8"))


def each(name: str, part: str = "") -> pytest.MarkDecorator:
    found = load(name)[part] if part else load(name)
    return pytest.mark.parametrize("vector", found, ids=lambda vector: str(vector.get("why", "")))


def op_of(kind: str, more: dict[str, Any]) -> Op:
    return msgspec.json.decode(msgspec.json.encode(BASIC | MADE | {"kind": kind} | more), type=Op)


def merged(record: Record, more: dict[str, Any], writer: Writer) -> Merge:
    return merge(record, read_changes(op_of(record.kind, more), from_device=True), writer)


@each("merge/overlay.json")
def test_the_edits_of_one_device_lie_over_the_base(vector: dict[str, Any]) -> None:
    shown = vector["base"]
    for n, more in enumerate(vector["ops"], 1):
        if more.get("withdraw"):
            shown = None
            continue
        record = Record(vector["kind"], RECORD, "", n, shown or {}, {})
        writer = Writer(LINEAGE, n, UUID(int=n), n, n + 1)
        result = merged(record, more, writer)
        assert all(conflict.ours is None for conflict in result.conflicts)
        shown = result.record.data
    assert shown == vector["result"]


@each("merge/three-way.json")
def test_two_who_wrote_are_merged_on_the_base(vector: dict[str, Any]) -> None:
    stamps = {
        path: Stamp(one["version"], UUID(one["lineage"]), one["n"], UUID(int=0))
        for path, one in vector["stamps"].items()
    }
    record = Record(vector["kind"], RECORD, "", 9, vector["data"], stamps)
    who = vector["writer"]
    writer = Writer(UUID(who["lineage"]), who["n"], UUID(int=8), who["base"], 10)
    result = merged(record, vector["op"], writer)
    assert json.dumps(result.record.data, sort_keys=True) == json.dumps(
        vector["result"], sort_keys=True
    )
    conflicts = [{"path": c.path, "ours": c.ours, "theirs": c.theirs} for c in result.conflicts]
    assert json.dumps(conflicts) == json.dumps(vector["conflicts"])


@each("digest/marks.json", "marks")
def test_a_mark_is_of_the_bytes_of_a_line(vector: dict[str, str]) -> None:
    assert str(mark(vector["line"].encode())) == vector["mark"]


@each("digest/marks.json", "digests")
def test_a_digest_is_count_and_sum(vector: dict[str, Any]) -> None:
    marks = [mark(line.encode()) for line in vector["lines"]]
    assert f"{len(marks)}:{sum(marks) % MARK_SPAN}" == vector["digest"]


@each("digest/marks.json", "different")
def test_other_bytes_have_another_mark(vector: dict[str, str]) -> None:
    assert mark(vector["line"].encode()) != mark(vector["other"].encode())


@each("lines/cut.json")
def test_lines_end_with_a_newline_and_nothing_else(vector: dict[str, Any]) -> None:
    *lines, rest = vector["text"].encode().split(b"\n")
    assert [line.decode() for line in lines] == vector["lines"]
    assert rest.decode() == vector["rest"]


@each("lines/read.json")
def test_a_line_of_a_page_is_known_by_its_form(vector: dict[str, str]) -> None:
    try:
        found = msgspec.json.decode(vector["line"], type=PullLine)
    except msgspec.DecodeError:
        assert vector["is"] in ("broken", "unknown")
    else:
        assert found.__struct_config__.tag == vector["is"]


DERIVED: dict[str, Callable[..., UUID]] = {
    "inspection": lambda a, b: ids.inspection_id(UUID(a), UUID(b)),
    "tag": ids.tag_id,
    "disposition": lambda a, b: ids.disposition_id(UUID(a), UUID(b)),
    "unread": lambda a, b: ids.unread_id(UUID(a), int(b)),
    "conflict": lambda a, b: ids.conflict_id(UUID(a), b),
    "member": lambda a, b: ids.member_id(UUID(a), UUID(b)),
    "key": lambda a: ids.key_id(UUID(a)),
}


@each("ids/derived.json")
def test_ids_that_follow_from_others_are_the_same_everywhere(vector: dict[str, Any]) -> None:
    assert str(DERIVED[vector["of"]](*vector["from"])) == vector["id"]


@each("signing/canonical.json")
def test_what_is_signed_has_one_form(vector: dict[str, Any]) -> None:
    text = rfc8785.dumps(vector["value"])
    assert text.decode() == vector["canonical"]
    assert sha256(text).hexdigest() == vector["sha256"]


@each("signing/names.json")
def test_a_name_shows_something(vector: dict[str, Any]) -> None:
    assert is_name(vector["text"]) is vector["is_name"]


def test_what_shows_something_is_the_same_everywhere_sign_by_sign() -> None:
    nothing: list[list[int]] = []
    for sign in range(sys.maxunicode + 1):
        if is_name(chr(sign)):
            continue
        if nothing and nothing[-1][1] == sign - 1:
            nothing[-1][1] = sign
        else:
            nothing.append([sign, sign])
    wanted = load("signing/shown.json")["nothing"]
    assert [[f"U+{sign:04X}" for sign in pair] for pair in nothing] == wanted


def test_every_blank_shows_nothing_and_letters_and_figures_show_something() -> None:
    """By Unicode's categories, as far as this interpreter knows them."""
    drawn_as_nothing = set("\u115f\u1160\u2e2f\u3164\uffa0")
    for sign in map(chr, range(sys.maxunicode + 1)):
        if category(sign)[0] == "Z" or category(sign) in ("Cc", "Cs", "Co"):
            assert not is_name(sign), hex(ord(sign))
        if category(sign)[0] in "LN":
            assert is_name(sign) or sign in drawn_as_nothing, hex(ord(sign))


def test_a_typed_signature_has_one_mark_and_says_so_in_one_sentence() -> None:
    assert load("signing/typed.json") == {"mark": TYPED_MARK, "meaning": TYPED}


@each("signing/seals.json", "seals")
def test_a_seal_stands_for_every_field_of_a_signature(vector: dict[str, Any]) -> None:
    own = load("signing/seals.json")["key"]
    key = Registered(
        public_key=own["spki"],
        device=UUID(int=5),
        device_name="",
        person=PERSON,
        person_name="",
        lineage=LINEAGE,
        enrolled_at=datetime(2026, 1, 1, tzinfo=UTC),
        is_recorded=vector.get("recorded", True),
    )
    record = Record("signature", UUID(vector["id"]), "", 1, vector["signature"], {})
    found = look(record, None, Ring([key]))
    assert (found.verdict, list(found.faults)) == (vector["verdict"], vector["faults"])


def test_what_is_sealed_has_one_form_and_a_key_one_name() -> None:
    vectors = load("signing/seals.json")
    first = vectors["seals"][0]
    assert payload(UUID(first["id"]), first["signature"]).decode() == vectors["payload"]
    assert thumbprint(vectors["key"]["spki"]) == vectors["key"]["thumbprint"]


# --- Of the server alone ---


@each("positions/sealed.json", "positions")
def test_a_position_has_one_seal(vector: dict[str, Any]) -> None:
    key = bytes.fromhex(load("positions/sealed.json")["key"])
    places = {id_: Place(**place) for id_, place in vector["scopes"].items()}
    position = Position(UUID(vector["device"]), vector["epoch"], places)
    assert seal(position, key) == vector["token"]
    assert unseal(vector["token"], key, Position) == position


@each("positions/sealed.json", "acked")
def test_what_was_answered_has_one_seal(vector: dict[str, Any]) -> None:
    key = bytes.fromhex(load("positions/sealed.json")["key"])
    acked = Acked(UUID(vector["lineage"]), vector["epoch"], vector["n"])
    assert unseal(vector["token"], key, Acked) == acked


@each("positions/sealed.json", "refused")
def test_no_other_token_is_a_position(vector: dict[str, Any]) -> None:
    key = bytes.fromhex(load("positions/sealed.json")["key"])
    with pytest.raises(TokenRefused):
        unseal(vector["token"] * vector.get("times", 1), key, Position)


@each("errors/lines.json")
def test_a_line_that_is_no_op_is_refused_by_its_member(vector: dict[str, Any]) -> None:
    parsed = read_line(vector["line"].encode(), 1)
    if "problem" not in vector:
        assert parsed.op is not None, parsed.problem
        return
    assert parsed.op is None
    assert parsed.problem is not None
    assert parsed.problem.type == f"/problems/{vector['problem']}"
    if "field" in vector:
        assert [one.field for one in parsed.problem.errors] == [vector["field"]]


@each("errors/ops.json")
def test_a_change_that_breaks_a_rule_is_refused_by_its_path(vector: dict[str, Any]) -> None:
    if vector.get("unreadable"):
        with pytest.raises(msgspec.ValidationError):
            op_of("asset", vector["op"])
        return
    op = op_of("asset", vector["op"])
    if "field" not in vector:
        assert read_changes(op, from_device=True)
        return
    with pytest.raises(InvalidOp) as refused:
        read_changes(op, from_device=True)
    assert [one.field for one in refused.value.fields] == [vector["field"]]


@each("signing/presence.json")
def test_what_belongs_to_a_visit_is_chosen_alike_everywhere(vector: dict[str, Any]) -> None:
    visits = [msgspec.convert(one, Visit) for one in vector["visits"]]
    work = Record("inspection", RECORD, f"site:{vector['site']}", 1, vector["inspection"], {})
    found = [
        belongs(work, visit, [*visits[:at], *visits[at + 1 :]], ZONE)
        for at, visit in enumerate(visits)
    ]
    assert found == vector["belongs"]


@each("signing/answers.json")
def test_the_digest_of_answers_is_the_same_everywhere(vector: dict[str, Any]) -> None:
    assert answers_digest(vector["inspection"]) == vector["digest"]


def children_of(inspection: str, given: dict[str, Any]) -> list[Record]:
    """Photos and findings, as they hang on an inspection."""
    photos = [
        ("attachment", UUID(int=at), {"parent": inspection, "sha256": sha})
        for at, sha in enumerate(given["photos"])
    ]
    findings = [
        ("finding", UUID(one["id"]), {**one, "inspection": inspection})
        for one in given.get("findings", ())
    ]
    return [Record(kind, id_, SCOPE, 1, data, {}) for kind, id_, data in (*photos, *findings)]


@each("signing/since.json")
def test_what_became_of_what_was_signed_is_told_alike_everywhere(vector: dict[str, Any]) -> None:
    id_, then, now = vector["id"], vector["then"], vector["now"]
    covered = Covered(
        id=UUID(id_),
        answers=answers_digest(then["inspection"]),
        photos=tuple(then["photos"]),
        findings=findings_here(UUID(id_), children_of(id_, then)) if "findings" in then else None,
    )
    (form,) = listed([HandedIn(covered, UUID(vector["template"]))])
    assert canonical(form).decode() == vector["covered"]
    document = {"document": f'{{"inspections":[{vector["covered"]}]}}'}
    signature = Record("signature", RECORD, SCOPE, 1, document, {})
    inspection = Record("inspection", UUID(id_), SCOPE, 1, now["inspection"], {})
    became = since(signature, inspection, children_of(id_, now), {})
    assert (became.changed, became.added) == (vector["changed"], vector["added"])


@each("units/words.json")
def test_a_unit_is_read_in_both_languages(vector: dict[str, str]) -> None:
    said = unit_words(vector["unit"])
    assert (said.zh, said.en) == (vector["zh"], vector["en"])
