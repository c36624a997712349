"""Label sheets. Rule: a code is claimed before it is printed; drawing holds no transaction.

A preview claims nothing, so it shows a frame where a code will be dealt.
"""

import asyncio
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import LABELS_PER_PRINT_MAX, ROWS_PER_LIST_DEFAULT
from schemas.office_labels import (
    LabelBatch,
    LabelBatchPage,
    LabelPreview,
    RetireBatch,
    RetiredBatch,
)
from schemas.office_writes import LabelOrder, OfficeOp
from schemas.problems import FieldProblem
from server.auth.people import SignedIn
from server.clock import Clock
from server.database import Database
from server.errors import InvalidRequest, NotAllowed, NotFound
from server.fonts import Fonts
from server.judging import today_at
from server.labels.layouts import LAYOUTS, Layout
from server.labels.sheet import Label, first_page_png, missing_characters, sheet_pdf
from server.office import demand_edits, write
from server.paging import Limit, Offset
from server.pokes import Pokes
from server.push import in_turn
from server.settings import Settings
from server.store import label_batches, office, office_assets
from server.store.installation import Installation
from server.store.office import Sites
from server.store.office_assets import AssetFilter, StoredAsset, StoredTag
from sync.access import Access
from sync.ids import tag_id
from sync.record import raws
from sync.tags import ENTROPY_BITS, make

PDF = "application/pdf"


def wrong(field: str, detail: str) -> InvalidRequest:
    return InvalidRequest(fields=(FieldProblem(field=field, detail=detail),))


def layout_of(order: LabelOrder) -> Layout:
    """Give the sheet that was asked for. Raises `InvalidRequest` where it makes no sense."""
    layout = LAYOUTS.get(order.layout)
    if layout is None:
        raise wrong("layout", f"is one of {', '.join(LAYOUTS)}")
    if order.skip >= layout.labels_per_page:
        raise wrong("skip", f"is from 0 to {layout.labels_per_page - 1}")
    if sum(map(bool, (order.assets, order.blank, order.again))) != 1:
        raise wrong("assets", "name assets, a number of blank tags, or a batch: one of them")
    if len(set(order.assets)) != len(order.assets):
        raise wrong("assets", "names an asset twice")
    return layout


def new_code(clock: Clock) -> str:
    """Deal a code that nobody can guess."""
    return make(int.from_bytes(clock.entropy(ENTROPY_BITS // 8)))


@post(
    "/office/labels",
    operation_id="printLabels",
    summary="Print labels",
    status_code=HTTP_200_OK,
    media_type=PDF,
)
async def print_labels(
    data: JSONBody[LabelOrder],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    installation: NamedDependency[Installation],
    pokes: NamedDependency[Pokes],
    fonts: NamedDependency[Fonts],
) -> Response[bytes]:
    """Print labels for assets, a batch of blank ones, or such a batch once more, as PDF.

    An asset without a tag gets one, which needs the right to bind tags at its site. The header
    `X-Missing-Characters` holds, percent-encoded, what no font could draw. Problems:
    `invalid-request`, `not-found` for an asset or a batch, `not-permitted`, `not-allowed`.
    """
    layout = layout_of(data)
    if data.assets:
        labels = await labels_of_assets(
            data, layout, signed_in, database, clock, pokes, epoch=installation.epoch
        )
    elif data.again:
        labels = await labels_again(data, signed_in, database, clock)
    else:
        labels = await blank_labels(data, signed_in, database, clock)
    missing = await asyncio.to_thread(missing_characters, labels, fonts=fonts)
    body = await asyncio.to_thread(
        sheet_pdf,
        labels,
        base_url=settings.origin,
        layout=layout,
        language=data.language,
        fonts=fonts,
        skip=data.skip,
    )
    headers = {"Content-Disposition": 'attachment; filename="labels.pdf"'}
    if missing:
        headers["X-Missing-Characters"] = quote("".join(missing))
    return Response(body, media_type=PDF, headers=headers)


@post(
    "/office/labels/preview",
    operation_id="previewLabels",
    summary="See what would be printed",
    status_code=HTTP_200_OK,
)
async def preview_labels(
    data: JSONBody[LabelOrder],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    fonts: NamedDependency[Fonts],
) -> LabelPreview:
    """Draw the first page of an order. Nothing is claimed, so it may be asked as often as wanted.

    Problems as for the order itself, but for those of writing.
    """
    layout = layout_of(data)
    async with database.read() as tx:
        if data.assets:
            sites = await office.load_sites(tx, signed_in.access)
            found = await load_printed(tx, sites, data, layout)
            labels = [label_of(one, code=one.code or "") for one in found]
        elif data.again:
            labels = [Label(code) for code in await load_batch(tx, data, signed_in)]
        else:
            demand_bind(signed_in)
            labels = [Label("")] * data.blank
    missing = await asyncio.to_thread(missing_characters, labels, fonts=fonts)
    picture = await asyncio.to_thread(
        first_page_png,
        labels,
        base_url=settings.origin,
        layout=layout,
        language=data.language,
        fonts=fonts,
        skip=data.skip,
    )
    return LabelPreview(
        picture=f"data:image/png;base64,{b64encode(picture).decode()}",
        pages=-(-(len(labels) + data.skip) // layout.labels_per_page),
        labels=len(labels),
        new_codes=sum(not label.code for label in labels),
        missing="".join(missing),
    )


# --- Of assets ---


class Printed(Struct, frozen=True):
    """An asset whose label is wanted: its lines, and its code where it has one."""

    asset: StoredAsset
    lines: tuple[str, ...]
    code: str | None


async def load_printed(
    tx: AsyncConnection, sites: Sites, order: LabelOrder, layout: Layout
) -> list[Printed]:
    """The assets of an order, in its order. Raises `NotFound` for one that may not be read."""
    wanted = AssetFilter(ids=order.assets)
    _, found = await office_assets.load_assets(tx, sites, wanted, limit=len(order.assets))
    assets = {asset.id: asset for asset in found}
    if absent := [id_ for id_ in order.assets if id_ not in assets]:
        raise NotFound(f"there is no asset {absent[0]}")
    tags = await office_assets.load_tags(tx, order.assets)
    return [
        Printed(
            asset=assets[id_],
            lines=lines_of(assets[id_], sites, layout),
            code=code_of(tags.get(id_, [])),
        )
        for id_ in order.assets
    ]


def lines_of(asset: StoredAsset, sites: Sites, layout: Layout) -> tuple[str, ...]:
    """Customer, name and number; without the customer where there is no room for three."""
    customer = sites.by_id[asset.site].customer.short_name
    lines = (customer, asset.name, asset.number or asset.serial or "")
    return tuple(line for line in lines[-layout.lines_max :] if line)


def label_of(one: Printed, *, code: str) -> Label:
    return Label(code, one.lines)


async def labels_of_assets(
    order: LabelOrder,
    layout: Layout,
    signed_in: SignedIn,
    database: Database,
    clock: Clock,
    pokes: Pokes,
    *,
    epoch: int,
) -> list[Label]:
    """The labels in the order asked; assets without a tag get one in one transaction."""
    labels: list[Label] = []

    async def work(tx: AsyncConnection, access: Access) -> Sequence[OfficeOp]:
        labels.clear()
        sites = await office.load_sites(tx, access)
        ops = []
        for one in await load_printed(tx, sites, order, layout):
            code = one.code or new_code(clock)
            if one.code is None:
                ops.append(bind(code, one.asset, clock))
            labels.append(label_of(one, code=code))
        await demand_edits(tx, access, ops)
        return ops

    done = await write(database, clock, person=signed_in.person.id, epoch=epoch, decide=work)
    async with database.write() as tx:
        await office_assets.save_printed(tx, [one.code for one in labels], at=clock.now())
    pokes.tell(done.heads)
    return labels


def code_of(tags: Sequence[StoredTag]) -> str | None:
    """The newest tag in use."""
    return next((tag.code for tag in tags if not tag.retired), None)


def bind(code: str, asset: StoredAsset, clock: Clock) -> OfficeOp:
    """The op that binds a new code."""
    values: Mapping[str, object] = {"code": code, "asset": asset.id, "bound_at": clock.now()}
    return OfficeOp(
        id=clock.new_id(),
        kind="tag",
        record=tag_id(code),
        new=True,
        parent=asset.id,
        set=raws(values),
    )


# --- Blank ---


def demand_bind(signed_in: SignedIn) -> None:
    """Raise `NotAllowed` for who may bind tags nowhere: blank ones are of no use to them."""
    if not signed_in.access.may_anywhere("bind"):
        raise NotAllowed("bind")


def most_common(days: Iterable[date]) -> date | None:
    """The day at most of the sites where these labels can be used."""
    counted = Counter(days).most_common(1)
    return counted[0][0] if counted else None


async def blank_labels(
    order: LabelOrder, signed_in: SignedIn, database: Database, clock: Clock
) -> list[Label]:
    """A batch of codes that nothing is bound to yet; whoever sticks one on binds it on site."""
    demand_bind(signed_in)
    now = clock.now()
    mark = clock.entropy(2).hex()

    async def work(tx: AsyncConnection, _: frozenset[str]) -> list[str]:
        batch = order.batch.strip()
        if not batch:
            days = today_at(await office.load_sites(tx, signed_in.access), now).values()
            batch = f"{most_common(days) or now.date()} {mark}"
        codes = [new_code(clock) for _ in range(order.blank)]
        await office_assets.save_blank(tx, codes, batch=batch, at=now)
        return codes

    return [Label(code) for code in await in_turn(database, work)]


# --- Batches ---


@get("/office/labels/batches", operation_id="listLabelBatches", summary="Batches of blank tags")
async def list_batches(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> LabelBatchPage:
    """List the batches of blank tags, the newest first, with what became of them.

    Problem: `not-allowed` for who may bind tags nowhere.
    """
    demand_bind(signed_in)
    async with database.read() as tx:
        total, found = await label_batches.load_batches(tx, limit=limit, offset=offset)
    rows = tuple(LabelBatch(**structs.asdict(one)) for one in found)
    return LabelBatchPage(total=total, offset=offset, rows=rows)


@post(
    "/office/labels/batches/retire",
    operation_id="retireLabelBatch",
    summary="Take what is left of a batch out of use",
    status_code=HTTP_200_OK,
)
async def retire_batch(
    data: JSONBody[RetireBatch],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
) -> RetiredBatch:
    """Retire the tags of a batch that nothing is bound to: lost or spoilt sheets, say.

    Bound ones stay as they are. May be repeated: then nothing is left. Problem: `not-allowed`.
    """
    demand_bind(signed_in)
    async with database.write() as tx:
        retired = await label_batches.retire_free(tx, data.name)
    return RetiredBatch(retired=retired)


async def load_batch(tx: AsyncConnection, order: LabelOrder, signed_in: SignedIn) -> list[str]:
    """The codes of a batch that may be printed again. Raises `NotAllowed`, `NotFound`."""
    demand_bind(signed_in)
    codes = await label_batches.load_free(tx, order.again)
    if not codes:
        raise NotFound("nothing of this batch is left to print")
    if len(codes) > LABELS_PER_PRINT_MAX:
        raise wrong("again", f"{len(codes)} tags; {LABELS_PER_PRINT_MAX} are printed at once")
    return codes


async def labels_again(
    order: LabelOrder, signed_in: SignedIn, database: Database, clock: Clock
) -> list[Label]:
    """The labels of a batch that were printed before, with the codes they have."""
    async with database.write() as tx:
        codes = await load_batch(tx, order, signed_in)
        await office_assets.save_printed(tx, codes, at=clock.now())
    return [Label(code) for code in codes]
