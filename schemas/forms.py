"""Forms: what a template asks, and the shape of an answer. Rule: a published form never changes.

A form is data: sections of items, each with its limits and the condition that shows it. What
an answer *means* (verdict, calculated value, what is missing) is decided in `sync.forms`
and, from the same vectors, in the app.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from schemas.base import (
    CONDITION_TERMS_MAX,
    ELEMENTS_MAX,
    ITEMS_PER_SECTION_MAX,
    LINE_LENGTH_MAX,
    OPTIONS_PER_CHOICE_MAX,
    PHOTOS_PER_ITEM_MAX,
    SECTIONS_PER_FORM_MAX,
    TEXT_LENGTH_MAX,
    Slug,
    Text,
    Wire,
    Words,
)

Number = Annotated[float, Meta(ge=-1e12, le=1e12)]
Severity = Literal["urgent", "major", "minor", "advice"]
Unit = Annotated[str, Meta(max_length=16)]

# --- Expressions: a calculated value is a small tree, never text that is parsed or run. ---


class Constant(Wire, frozen=True, kw_only=True, tag_field="type", tag="constant"):
    value: Number


class Reading(Wire, frozen=True, kw_only=True, tag_field="type", tag="reading"):
    """The number answered to an item: of the same element first, then of the whole form."""

    item: Slug


class Aggregate(Wire, frozen=True, kw_only=True, tag_field="type", tag="aggregate"):
    """One number from all elements of a group; elements without a number are passed over."""

    function: Literal["min", "max", "mean", "sum", "count"]
    group: Slug
    item: Slug


class Call(Wire, frozen=True, kw_only=True, tag_field="type", tag="call"):
    """`dew_point` takes °C and % RH and gives °C (Magnus, WMO-No. 8 constants)."""

    function: Literal["add", "subtract", "multiply", "divide", "min", "max", "mean", "dew_point"]
    arguments: Annotated[tuple["Expression", ...], Meta(min_length=1, max_length=16)]


Expression = Constant | Reading | Aggregate | Call

# --- Conditions: when a section or an item is shown, and when a compound limit is broken. ---


class Compare(Wire, frozen=True, kw_only=True, tag_field="type", tag="compare"):
    """True when the item is answered, applicable, and its value stands so to `value`."""

    item: Slug
    is_: Literal["equal", "unequal", "above", "below"] = field(default="equal", name="is")
    value: Annotated[str, Meta(max_length=LINE_LENGTH_MAX)] | Number | bool


class Includes(Wire, frozen=True, kw_only=True, tag_field="type", tag="includes"):
    """True when a multiple choice holds `option`."""

    item: Slug
    option: Slug


class Answered(Wire, frozen=True, kw_only=True, tag_field="type", tag="answered"):
    item: Slug


class AllOf(Wire, frozen=True, kw_only=True, tag_field="type", tag="all"):
    of: Annotated[tuple["Condition", ...], Meta(min_length=1, max_length=CONDITION_TERMS_MAX)]


class AnyOf(Wire, frozen=True, kw_only=True, tag_field="type", tag="any"):
    of: Annotated[tuple["Condition", ...], Meta(min_length=1, max_length=CONDITION_TERMS_MAX)]


class Not(Wire, frozen=True, kw_only=True, tag_field="type", tag="not"):
    of: "Condition"


Condition = Compare | Includes | Answered | AllOf | AnyOf | Not

# --- Limits ---


class Limits(Wire, frozen=True, kw_only=True):
    """Bounds of a reading, each inclusive: at the limit is still within it.

    Outside an alarm limit a reading is abnormal; between warning and alarm it is a warning.
    `source` is the norm, the maker or the contract: a limit is never shown without it.
    """

    alarm_low: Number | None = None
    warning_low: Number | None = None
    warning_high: Number | None = None
    alarm_high: Number | None = None
    source: Words


# --- Items ---


class Item(Wire, frozen=True, kw_only=True):
    """What every item has. Ids are unique within a form and keep their meaning across versions."""

    id: Slug
    title: Words
    hint: Words | None = None
    required: bool = True
    shown: Condition | None = None


class Check(Item, frozen=True, kw_only=True, tag_field="type", tag="check"):
    """Normal, abnormal, or not applicable with a reason."""

    photo_on_fail: bool = True
    rest: bool = True  # May be answered by "mark the rest normal".
    severity: Severity = "minor"  # Offered first when the answer is abnormal.


class NumberItem(Item, frozen=True, kw_only=True, tag_field="type", tag="number"):
    unit: Unit = ""
    decimals: Annotated[int, Meta(ge=0, le=6)] = 1
    low: Number | None = None  # What the instrument can show at all; outside is a typing error.
    high: Number | None = None
    limits: Limits | None = None


class Option(Wire, frozen=True, kw_only=True):
    id: Slug
    title: Words
    verdict: Literal["normal", "warning", "abnormal"] = "normal"


class Choice(Item, frozen=True, kw_only=True, tag_field="type", tag="choice"):
    options: Annotated[tuple[Option, ...], Meta(min_length=2, max_length=OPTIONS_PER_CHOICE_MAX)]
    multiple: bool = False


class TextItem(Item, frozen=True, kw_only=True, tag_field="type", tag="text"):
    multiline: bool = False


class DateItem(Item, frozen=True, kw_only=True, tag_field="type", tag="date"):
    """A calendar date. `expires`: a date before the day of the inspection is abnormal."""

    expires: bool = False
    age_days_max: Annotated[int, Meta(ge=1, le=36_500)] | None = None  # Older is a warning.


class PhotoItem(Item, frozen=True, kw_only=True, tag_field="type", tag="photo"):
    """Answered by attachments that name this item; the answer itself stays empty."""

    count_min: Annotated[int, Meta(ge=0, le=PHOTOS_PER_ITEM_MAX)] = 1


class Counter(Item, frozen=True, kw_only=True, tag_field="type", tag="counter"):
    """A counter that must not go down: less than the last visit's is abnormal (or replaced)."""

    unit: Unit = ""


class Serial(Item, frozen=True, kw_only=True, tag_field="type", tag="serial"):
    """A serial number by scan. `of_asset`: must equal the asset's own, else abnormal."""

    of_asset: bool = False


class SignatureItem(Item, frozen=True, kw_only=True, tag_field="type", tag="signature"):
    """Answered by a signature record of this inspection that names this item."""

    statement: Words


class Calculated(Item, frozen=True, kw_only=True, tag_field="type", tag="calculated"):
    """Never typed: worked out from readings, open while one of them is."""

    expression: Expression
    unit: Unit = ""
    decimals: Annotated[int, Meta(ge=0, le=6)] = 1
    limits: Limits | None = None


GroupedItem = (
    Check | NumberItem | Choice | TextItem | DateItem | PhotoItem | Counter | Serial | Calculated
)


class Place(Wire, frozen=True, kw_only=True):
    """One fixed element of a group, for example a measuring point of a grid."""

    id: Slug
    title: Words
    row: Annotated[int, Meta(ge=0, le=63)] = 0
    column: Annotated[int, Meta(ge=0, le=63)] = 0


class Group(Item, frozen=True, kw_only=True, tag_field="type", tag="group"):
    """Items asked once per element: per disk, port, battery, or measuring point.

    With `places` the elements are fixed and known by the place's id, so that two engineers
    offline write the same element; without, engineers add elements with minted ids.
    """

    element: Words  # "Disk": what one element is called.
    items: Annotated[tuple[GroupedItem, ...], Meta(min_length=1, max_length=ITEMS_PER_SECTION_MAX)]
    places: Annotated[tuple[Place, ...], Meta(max_length=ELEMENTS_MAX)] = ()
    count_min: Annotated[int, Meta(ge=0, le=ELEMENTS_MAX)] = 0
    layout: Literal["list", "grid"] = "list"


FormItem = GroupedItem | SignatureItem | Group


class CompoundLimit(Wire, frozen=True, kw_only=True):
    """A limit over several items at once; broken when `broken` is true."""

    id: Slug
    broken: Condition
    verdict: Literal["warning", "abnormal"]
    words: Words
    items: Annotated[tuple[Slug, ...], Meta(min_length=1, max_length=CONDITION_TERMS_MAX)]
    source: Words


class Section(Wire, frozen=True, kw_only=True):
    id: Slug
    title: Words
    items: Annotated[tuple[FormItem, ...], Meta(min_length=1, max_length=ITEMS_PER_SECTION_MAX)]
    shown: Condition | None = None


class Form(Wire, frozen=True, kw_only=True):
    sections: Annotated[tuple[Section, ...], Meta(min_length=1, max_length=SECTIONS_PER_FORM_MAX)]
    limits: Annotated[tuple[CompoundLimit, ...], Meta(max_length=ITEMS_PER_SECTION_MAX)] = ()


# --- Answers ---

Value = (
    Annotated[str, Meta(max_length=TEXT_LENGTH_MAX)]
    | Number
    | bool
    | Annotated[tuple[Slug, ...], Meta(max_length=OPTIONS_PER_CHOICE_MAX)]
    | None
)


class Answer(Wire, frozen=True, kw_only=True):
    """What a person answered to one item; one register, so nothing of it is merged by halves.

    `value`: "pass" / "fail" of a check, a number, an option id, several, a text, an ISO date.
    """

    value: Value = None
    na: bool = False  # Not applicable; then `value` is null and `reason` says why.
    reason: Text = ""
    severity: Severity | None = None  # Of an abnormal answer.
    note: Text = ""  # What was seen and done.
    rest: bool = False  # Given by "mark the rest normal", and shown as such in review.
