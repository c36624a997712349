"""The shipped checklists keep what they promise: whole, in both languages, limits with sources."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import get_args
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from schemas.base import NESTING_DEPTH_MAX, Words
from schemas.forms import (
    Aggregate,
    AllOf,
    Answer,
    Answered,
    AnyOf,
    Call,
    Choice,
    Compare,
    Condition,
    DateItem,
    Form,
    FormItem,
    Group,
    GroupedItem,
    Includes,
    Limits,
    Not,
    NumberItem,
    Reading,
    Section,
    Serial,
    SignatureItem,
    Value,
)
from schemas.kinds.inspection import Element
from schemas.kinds.template import Category
from server.packs import DATA, Pack, PackError, load_packs, read_pack, template_id
from sync.forms import Evaluation, check_form, evaluate
from sync.lines import Parsed, read_line
from tests.unit.test_push import op

PACKS = load_packs()
BY_KEY = {pack.key: pack for pack in PACKS}
ITEMS_MIN = 160
CONDITION_LEAVES = (Compare, Includes, Answered)

CHINESE = re.compile(r"[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]")
# House style of Chinese text: a space stands between Chinese and Latin letters or figures.
UNSPACED = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u4e00-\u9fff]")
# A norm speaks so; a checklist does not. Texts of norms are protected, values are not.
NORM_SPEECH = re.compile(
    r"应(符合|采用|设置|保持|小于|大于|不|为|能)|不应|不宜|宜[采设为符]|不得|严禁|\b(shall|must)\b"
)

each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.key)


def parts(value: object, path: str = "$") -> Iterator[tuple[str, Struct]]:
    """Give every struct inside `value`, itself included, with its place."""
    if isinstance(value, Struct):
        yield path, value
        for name in value.__struct_fields__:
            yield from parts(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, tuple):
        for place, element in enumerate(value):
            yield from parts(element, f"{path}[{place}]")


def words(pack: Pack) -> list[tuple[str, Words]]:
    return [(path, part) for path, part in parts(pack) if isinstance(part, Words)]


def items(pack: Pack) -> Iterator[FormItem]:
    """Give every item in the order of the form, a group before its own items."""
    for section in pack.form.sections:
        for item in section.items:
            yield item
            if isinstance(item, Group):
                yield from item.items


def test_every_category_of_equipment_has_a_pack() -> None:
    assert {pack.category for pack in PACKS} == set(get_args(Category))


def test_there_are_as_many_items_as_promised() -> None:
    count = sum(not isinstance(item, Group) for pack in PACKS for item in items(pack))
    assert count >= ITEMS_MIN


def test_every_kind_of_item_condition_and_expression_is_used_somewhere() -> None:
    used = {type(part) for pack in PACKS for _, part in parts(pack)}
    wanted = {*get_args(FormItem), *get_args(GroupedItem), SignatureItem, Group}
    wanted |= {Compare, Includes, Answered, AllOf, AnyOf, Not, Reading, Aggregate, Call}
    assert wanted <= used
    everything = [item for pack in PACKS for item in items(pack)]
    assert any(isinstance(item, Choice) and item.multiple for item in everything)
    assert any(isinstance(item, DateItem) and item.expires for item in everything)
    assert any(isinstance(item, DateItem) and item.age_days_max for item in everything)
    assert any(section.shown for pack in PACKS for section in pack.form.sections)


@each_pack
def test_every_unit_is_known_in_both_languages(pack: Pack) -> None:
    vectors = Path(__file__).parents[1] / "vectors" / "units" / "words.json"
    known = {one["unit"] for one in json.loads(vectors.read_text("utf-8"))}
    assert {getattr(item, "unit", "") for item in items(pack)} <= known


@each_pack
def test_ids_are_unique_within_a_form(pack: Pack) -> None:
    ids = [item.id for item in items(pack)]
    assert len(ids) == len(set(ids))
    sections = [section.id for section in pack.form.sections]
    assert len(sections) == len(set(sections))
    for item in items(pack):
        inner = item.options if isinstance(item, Choice) else ()
        places = item.places if isinstance(item, Group) else ()
        for named in (inner, places):
            assert len({one.id for one in named}) == len(named), item.id


@each_pack
def test_sections_are_short_enough_to_hold_in_mind(pack: Pack) -> None:
    for section in pack.form.sections:
        grouped = any(isinstance(item, Group) for item in section.items)
        assert len(section.items) <= 8, section.id
        assert grouped or len(section.items) >= 3, section.id


@each_pack
def test_a_round_begins_by_knowing_the_asset(pack: Pack) -> None:
    first = pack.form.sections[0]
    assert first.id == "asset_check"
    ids = {item.id for item in first.items}
    assert {"asset_label", "asset_position"} <= ids
    # Rooms, aisles, databases and the security check have no nameplate of their own.
    if pack.category not in {"server-room", "cold-aisle", "database", "security"}:
        serials = [item for item in first.items if isinstance(item, Serial) and item.of_asset]
        assert len(serials) == 1


@each_pack
def test_every_limit_is_in_order_and_inside_what_the_instrument_shows(pack: Pack) -> None:
    found = 0
    for path, part in parts(pack):
        if not isinstance(part, Limits):
            continue
        bounds = (part.alarm_low, part.warning_low, part.warning_high, part.alarm_high)
        given = [bound for bound in bounds if bound is not None]
        assert given, path
        assert given == sorted(given), path
        found += 1
    assert found > 0
    for item in items(pack):
        if isinstance(item, NumberItem) and item.limits is not None:
            limits = item.limits
            low = -1e12 if item.low is None else item.low
            high = 1e12 if item.high is None else item.high
            for bound in (limits.alarm_low, limits.warning_low):
                assert bound is None or low < bound <= high, item.id
            for bound in (limits.warning_high, limits.alarm_high):
                assert bound is None or low <= bound < high, item.id


@each_pack
def test_every_limit_is_from_a_source_that_the_packs_know(pack: Pack) -> None:
    known = re.compile(r"GB 50174-2017 附录 A|厂家手册|客户约定|公司惯例|《网络安全法》")
    for path, part in parts(pack):
        if path.endswith(".source"):
            assert isinstance(part, Words)
            assert known.search(part.zh), (path, part.zh)


@each_pack
def test_every_pack_says_that_norms_were_read_in_copies(pack: Pack) -> None:
    assert "转载的副本" in pack.sources_note.zh
    assert "原件" in pack.sources_note.zh
    assert "copies" in pack.sources_note.en
    assert "the originals" in pack.sources_note.en
    text = json.dumps([part.zh for _, part in words(pack)], ensure_ascii=False)
    for norm in set(re.findall(r"GB \d{5}-\d{4}", text)):
        assert norm in pack.sources_note.zh


@each_pack
def test_every_text_is_in_the_language_it_claims(pack: Pack) -> None:
    texts = words(pack)
    assert len(texts) > 50
    for path, text in texts:
        assert text.zh == text.zh.strip() != "", path
        assert text.en == text.en.strip() != "", path
        assert not CHINESE.search(text.en), (path, text.en)
        assert not UNSPACED.search(text.zh), (path, text.zh)


@each_pack
def test_labels_are_labels(pack: Pack) -> None:
    for item in items(pack):
        assert len(item.title.zh) <= 20, item.id
        assert len(item.title.en) <= 40, item.id
        assert not item.title.zh.endswith("。"), item.id
        assert not item.title.en.endswith("."), item.id
        assert item.title.en[0].isupper() or item.title.en[0].isdigit(), item.id


@each_pack
def test_no_text_speaks_as_a_norm_does(pack: Pack) -> None:
    for path, text in words(pack):
        assert not NORM_SPEECH.search(text.zh), (path, text.zh)
        assert not NORM_SPEECH.search(text.en), (path, text.en)


@each_pack
def test_the_form_may_be_published(pack: Pack) -> None:
    assert check_form(pack.form) == ()


@each_pack
def test_a_compound_limit_raises_only_what_it_looks_at(pack: Pack) -> None:
    for limit in pack.form.limits:
        seen = {part.item for _, part in parts(limit) if isinstance(part, CONDITION_LEAVES)}
        assert set(limit.items) <= seen, limit.id


def test_the_cold_aisle_has_nine_points_walked_column_by_column() -> None:
    grid = next(item for item in items(BY_KEY["cold-aisle"]) if isinstance(item, Group))
    walked = [(place.column, place.row) for place in grid.places]
    assert walked == [(column, row) for column in range(3) for row in range(3)]
    heights = [place.title.en.split(" · ")[1] for place in grid.places if place.column == 0]
    assert heights == ["2.0\u00a0m", "1.1\u00a0m", "0.2\u00a0m"]
    assert grid.layout == "grid"


def read(
    key: str,
    answers: Mapping[str, Value],
    elements: Mapping[str, Mapping[str, Value]] = MappingProxyType({}),
) -> Evaluation:
    """Evaluate a pack's form; `elements` by the element's id, as `group-place` or minted."""
    form = BY_KEY[key].form
    return evaluate(
        form,
        {item: Answer(value=value) for item, value in answers.items()},
        {
            element: Element(
                group=element.split("-")[0],
                answers={item: Answer(value=value) for item, value in inner.items()},
            )
            for element, inner in elements.items()
        },
        photos={},
        signatures=(),
        previous={},
        asset_serial="SN-1",
        today=date(2026, 11, 18),
    )


def shown_sections(evaluation: Evaluation) -> set[str]:
    return {section.section for section in evaluation.sections if section.shown}


@each_pack
def test_an_empty_round_has_nothing_abnormal_and_much_to_do(pack: Pack) -> None:
    totals = read(pack.key, {}).totals
    assert (totals.abnormal, totals.warning, totals.answered) == (0, 0, 0)
    assert len(totals.missing) >= 8


def test_the_aisle_judges_each_point_and_the_whole() -> None:
    points = {
        "grid-first_2_0": {"temp": 25.1, "humidity": 46},
        "grid-middle_2_0": {"temp": 27.8, "humidity": 41},
        "grid-last_0_2": {"temp": 21.9, "humidity": 54},
    }
    found = read("cold-aisle", {}, points).items
    assert found["grid.grid-first_2_0.dew_point"].value == 12.7
    assert found["grid.grid-middle_2_0.temp"].verdict == "abnormal"
    assert found["temp_max"].value == 27.8
    assert found["temp_spread"].value == 5.9
    assert found["humidity_max"].verdict == "normal"
    assert found["dew_point_max"].value == 13.3


def test_humidity_below_its_limit_is_abnormal_when_the_dew_point_is_not() -> None:
    points = {"grid-first_1_1": {"temp": 26.5, "humidity": 52}}
    found = read("cold-aisle", {}, points).items["grid.grid-first_1_1.humidity"]
    assert found.verdict == "abnormal"
    assert [reason.rule for reason in found.reasons] == ["moisture"]


def test_only_a_minicomputer_is_asked_as_one() -> None:
    assert "minicomputer" not in shown_sections(read("server", {"machine_kind": "rack"}))
    assert "minicomputer" in shown_sections(read("server", {"machine_kind": "minicomputer"}))


def test_a_failed_power_supply_opens_the_modules() -> None:
    assert "modules" not in shown_sections(read("server", {"psu_redundancy": "pass"}))
    assert "modules" in shown_sections(read("server", {"psu_redundancy": "fail"}))


def test_a_tablespace_is_judged_by_what_it_can_grow_to() -> None:
    spaces = {"tablespaces-1": {"size_gb": 120, "used_gb": 99.6}}
    found = read("database", {}, spaces).items
    percent = found["tablespaces.tablespaces-1.tablespace_percent"]
    assert (percent.value, percent.verdict) == (83.0, "warning")
    assert found["tablespace_worst"].value == 83.0


def test_the_id_of_a_template_is_the_same_for_ever() -> None:
    assert template_id("ups", 1) == UUID("9f425f88-37a9-54ee-a893-344fd23323af")
    assert template_id("ups", 1) != template_id("ups", 2)
    ids = {template_id(pack.key, pack.version_no) for pack in PACKS}
    assert len(ids) == len(PACKS)


def read_as_op(form: Form) -> Parsed:
    """As somebody's op that makes a template of it."""
    made = op(1, kind="template", new=True, set={"form": msgspec.to_builtins(form)})
    return read_line(msgspec.json.encode(made), 1)


@pytest.mark.parametrize("pack", PACKS, ids=lambda one: one.key)
def test_every_checklist_fits_in_an_op(pack: Pack) -> None:
    assert read_as_op(pack.form).problem is None


def test_the_deepest_form_fits_in_an_op() -> None:
    deepest: Condition = Includes(item="kind", option="a")
    for _ in range(NESTING_DEPTH_MAX - 1):
        deepest = AllOf(of=(deepest,))
    words = Words(zh="一", en="one")
    item = DateItem(id="on", title=words, shown=deepest)
    group = Group(id="part", title=words, element=words, items=(item,))
    form = Form(sections=(Section(id="all", title=words, items=(group,)),))
    assert read_as_op(form).problem is None


def altered(folder: Path, change: tuple[str, str]) -> Path:
    """Write the pack of POS terminals with one thing changed; give its path."""
    text = (DATA / "pos.json").read_text("utf-8")
    assert change[0] in text
    path = folder / "pos.json"
    path.write_text(text.replace(*change, 1), "utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('"of_asset"', '"of_aset"'), r"pos.json: `\$.form.sections\[0\].items\[0\].of_aset`"),
        (('"version_no"', '"autor": 1, "version_no"'), r"pos.json: `\$.autor`"),
        (('"zh": "序列号核对"', '"zh": ""'), r"pos.json: .*sections\[0\].items\[0\].title.zh"),
        (('"type": "serial"', '"type": "seriel"'), r"pos.json: .*'seriel'"),
        (('"category": "pos"', '"category": "till"'), r"pos.json: .*'till'"),
        (('"key": "pos"', '"key": "till"'), r"pos.json: .*key.*'till'"),
        (('"key": "pos",', '"key": "pos"'), r"pos.json: JSON is malformed"),
    ],
    ids=["member", "top-member", "empty-text", "kind", "category", "key", "json"],
)
def test_a_slip_in_a_pack_is_refused_by_file_and_member(
    tmp_path: Path, change: tuple[str, str], named: str
) -> None:
    with pytest.raises(PackError, match=named):
        read_pack(altered(tmp_path, change))


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no packs"):
        load_packs(tmp_path)
