"""The base of every wire type, shared value types, every limit. Rule: each bound has a name."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

# 2**53 - 1 is the largest integer that JavaScript holds exactly (ECMA-262, 21.1.2.6).
INTEGER_MAX = 2**53 - 1
EPOCH_MAX = 2**20
EPOCH_FIRST = 1
EPOCH_LEAP_MAX = 16  # How far above the server's an epoch is believed without a seal.
EPOCH_SPAN = 2**32  # Versions and seqs of epoch e start at e * EPOCH_SPAN.

# Text, in Unicode code points.
NAME_LENGTH_MAX = 200
LINE_LENGTH_MAX = 1_000
TEXT_LENGTH_MAX = 16_384
DOCUMENT_LENGTH_MAX = 262_144
SECRET_LENGTH_MAX = 200  # Of a link, behind its `#`.
PASSWORD_LENGTH_MIN = 10
PASSWORD_LENGTH_MAX = 256

# Structure.
DEPTH_MAX = 32  # Of the JSON of one op, counted in brackets; the deepest form fits.
FIELDS_PER_OP_MAX = 256
CONFLICTS_PER_OP_MAX = 2_000  # Of the paths that one op writes.
ELEMENTS_MAX = 1_000
TARGETS_PER_ASSIGNMENT_MAX = 2_000
OCCURRENCES_PER_PLAN_MAX = 1_000  # In one span that is looked at.
SCHEDULE_DAYS_MAX = 36_525  # From a plan's start, a hundred years.
INTERVAL_MAX = 1_000  # Of a plan's rule: every so many days, weeks, months or years.
YEAR_MIN, YEAR_MAX = 2, 9_998  # Every instant between has a day before and after it in every zone.
SECTIONS_PER_FORM_MAX = 64
ITEMS_PER_SECTION_MAX = 200
OPTIONS_PER_CHOICE_MAX = 100
CONDITION_TERMS_MAX = 32
NESTING_DEPTH_MAX = 8  # Of a condition or an expression; deeper is open and never true.

# Push and pull.
OPS_PER_PUSH_MAX = 1_000
HELD_OPS_MAX = 10_000  # Of one person, run when what they waited for is there.
OP_BYTES_MAX = 524_288
PUSH_BYTES_MAX = 8 * 1024 * 1024
PUSH_BYTES_UNPACKED_MAX = 32 * 1024 * 1024
PULL_BYTES_MAX = 65_536
RECORDS_PER_PAGE_MAX = 5_000
RECORDS_PER_PAGE_DEFAULT = 1_000
PAGE_BYTES_MAX = 8 * 1024 * 1024  # Of the records of a page, unless one alone is longer.
SCOPES_PER_DEVICE_MAX = 5_000
TOKEN_LENGTH_MAX = 400_000
BODY_BYTES_MAX = 1024 * 1024  # Of every request that is not a push or an upload.
ZSTD_WINDOW_BYTES_MAX = 8 * 1024 * 1024  # What a decoder should take (RFC 8878, 3.1.1.1.2).
VERSION_DIGITS_MAX = 9  # Of a protocol's version in an address.
FIELDS_TOLD_MAX = 50  # In one problem; a person mends these first.

# Office.
ROWS_PER_LIST_MAX = 200
ROWS_PER_LIST_DEFAULT = 50
OFFSET_MAX = 1_000_000
INSPECTORS_PER_LIST_MAX = 1_000  # Of one site.
OPS_PER_EDIT_MAX = 100
WAITING_ROWS_MAX = 10_000  # Changes that wait and are looked through, the oldest first.
REMARKS_PER_RETURN_MAX = 200
LAST_INSPECTIONS_MAX = 50  # On one asset, the newest of each checklist.
READINGS_MAX = 5_000  # Of one of them.
READING_KEY_LENGTH_MAX = 200  # `item`, or `element.item`.
CHILDREN_PER_INSPECTION_MAX = 2_000  # Of which the reviewer names the versions that were seen.
QUEUE_ROWS_MAX = 500  # Of the review queue; what is older is looked at first.
HISTORY_ROWS_MAX = 1_000
WRITES_LOOKED_AT_MAX = 2_000  # Of each record that a signature covers, the first ones.
COVERED_SHOWN_MAX = 200  # Inspections of one signature that are shown as they were.
LINKS_SHOWN_MAX = 50  # Of one visit, the newest.
STREAMS_MAX = 12_000  # Of server-sent events, per process.
STREAMS_PER_READER_MAX = 8  # Per device or person; the oldest gives way.

# Files.
ATTACHMENT_BYTES_MAX = 5 * 1024 * 1024 * 1024
PHOTOS_PER_ITEM_MAX = 50
PIXELS_MAX = 40_000_000
IMAGE_BYTES_MAX = 64 * 1024 * 1024  # Of a picture that is decoded for its thumbnails.
THUMBNAIL_SMALL_PX_MAX = 640  # Of its longer edge.
THUMBNAIL_LARGE_PX_MAX = 1_600
STROKES_LENGTH_MAX = 65_536  # Of a signature, as the path data of SVG.
MEDIA_TYPE_LENGTH_MAX = 100
UPLOAD_METADATA_LENGTH_MAX = 8_192  # Of the header that says what an upload is.
UPLOAD_KEYS_MAX = 32
UPLOADS_PER_DEVICE_MAX = 5_000  # That are not whole yet.
DRAINING_UPLOAD_BYTES_MAX = 20 * 1024 * 1024 * 1024  # Announced by one device on its way out.
DIGESTS_PER_HAVE_MAX = 500

# Rescue files.
RESCUE_BYTES_MAX = 8 * 1024 * 1024 * 1024
RESCUE_LINES_MAX = 200_000
RESCUE_LINE_BYTES_MAX = 24 * 1024 * 1024  # Files of version 1 have a photo in one line.
RESCUE_PIECE_BYTES = 768 * 1024  # Of a photo, in one line of version 2: a multiple of three.
RESCUE_TOLD_MAX = 200  # Changes that wait, and lines that were not taken; the first ones.

# Tags and labels.
TAG_TEXT_LENGTH_MAX = 2_048  # Of what a scan or a person delivers; a QR code holds 4,296 at most.
LABELS_PER_PRINT_MAX = 960  # 40 sheets of 24.
LABEL_LINES_MAX = 3

# Reports. What is more is counted in the report and stands whole in its tables.
REPORT_PHOTOS_MAX = 60
REPORT_READINGS_MAX = 40
REPORT_FINDINGS_MAX = 200  # Of this work, and as many that were open before.
REPORT_ITEMS_MAX = 2_000  # Answers that are printed one by one.
REPORT_SECONDS_MAX = 60  # That setting one may take.
REPORT_PHOTO_BYTES = 2_200_000  # That all photos of one report share.
REPORT_CODE_LENGTH = 16
WAITING_ITEMS_MAX = 3  # Questions that a row of what waits is called by.
REPORT_ROWS_MAX = 100_000  # Of a table that is downloaded.

# The file that a company is put in by (docs/setup.md).
COMPANY_BYTES_MAX = 16 * 1024 * 1024
COMPANY_PEOPLE_MAX = 5_000
COMPANY_CUSTOMERS_MAX = 1_000
COMPANY_SITES_MAX = 1_000  # Of one customer: a plan covers no more.
COMPANY_ROOMS_MAX = 1_000  # Of one site.
COMPANY_ASSETS_MAX = 2_000  # Of one room: a round covers no more.


class Wire(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value that crosses the network: immutable, and tolerant of members it does not know.

    An old program must be able to read what a newer one sends, so unknown members are
    passed over here; ops keep theirs, because an op's fields are read one by one.
    """


class Words(Wire, frozen=True, kw_only=True):
    """One text in both languages of the product."""

    zh: Annotated[str, Meta(min_length=1, max_length=LINE_LENGTH_MAX)]
    en: Annotated[str, Meta(min_length=1, max_length=LINE_LENGTH_MAX)]


Id = UUID
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339, UTC with `Z`.")]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX)]
Line = Annotated[str, Meta(max_length=LINE_LENGTH_MAX)]
Text = Annotated[str, Meta(max_length=TEXT_LENGTH_MAX)]
Slug = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Count = Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
Version = Annotated[
    int,
    Meta(ge=0, le=INTEGER_MAX, description="Of one record, server-assigned; 0 is before all."),
]
Seq = Annotated[
    int,
    Meta(ge=0, le=INTEGER_MAX, description="Position of a change in its scope; 0 is before all."),
]
Epoch = Annotated[
    int, Meta(ge=1, le=EPOCH_MAX, description="Number of the database's history; restores raise it")
]
Scope = Annotated[
    str,
    Meta(
        pattern=r"^(org|office|(site|office|device|archive):[0-9a-f-]{36})$",
        description="Unit of partial replication and of ordering.",
    ),
]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in lower-case hex.")]
Language = Literal["zh-CN", "en"]
