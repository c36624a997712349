"""Label sheets. Rule: a code is claimed before it is printed; drawing holds no transaction."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from urllib.parse import quote

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK
from msgspec import Raw
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import LABEL_LINES_MAX
from schemas.office_writes import LabelOrder, OfficeOp
from schemas.problems import FieldProblem
from server.auth import SignedIn
from server.clock import Clock
from server.database import Database
from server.errors import InvalidRequest, NotAllowed, NotFound
from server.fonts import Fonts
from server.judging import today_at
from server.labels.layouts import LAYOUTS, Layout
from server.labels.sheet import Label, missing_characters, sheet_pdf
from server.office import demand_edits, write
from server.pokes import Pokes
from server.push import in_turn
from server.settings import Settings
from server.store import office, office_assets
from server.store.installation import Installation
from server.store.office_assets import AssetFilter, StoredAsset, StoredTag
from sync.access import Access
from sync.ids import tag_id
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
    if bool(order.assets) == bool(order.blank):
        raise wrong("assets", "name assets, or a number of blank tags, and not both")
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
    """Print labels for assets, or a batch of blank ones, as PDF.

    An asset without a tag gets one, which needs the right to bind tags at its site. The header
    `X-Missing-Characters` holds, percent-encoded, what no font could draw. Problems:
    `invalid-request`, `not-found` for an asset, `not-permitted`, `not-allowed`.
    """
    layout = layout_of(data)
    if data.assets:
        labels = await labels_of_assets(
            data, signed_in, database, clock, pokes, epoch=installation.epoch
        )
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


# --- Of assets ---


async def labels_of_assets(
    order: LabelOrder,
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
        _, found = await office_assets.load_assets(
            tx, sites, AssetFilter(ids=order.assets), limit=len(order.assets)
        )
        assets = {asset.id: asset for asset in found}
        if absent := [id_ for id_ in order.assets if id_ not in assets]:
            raise NotFound(f"there is no asset {absent[0]}")
        tags = await office_assets.load_tags(tx, order.assets)
        ops = []
        for id_ in order.assets:
            asset, code = assets[id_], code_of(tags.get(id_, []))
            if code is None:
                code = new_code(clock)
                ops.append(bind(code, asset, clock))
            customer = sites.by_id[asset.site].customer.short_name
            lines = (customer, asset.name, asset.number or asset.serial or "")
            labels.append(Label(code, tuple(line for line in lines if line)[:LABEL_LINES_MAX]))
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
        set={name: Raw(msgspec.json.encode(value)) for name, value in values.items()},
    )


# --- Blank ---


def most_common(days: Iterable[date]) -> date | None:
    """The day at most of the sites where these labels can be used."""
    counted = Counter(days).most_common(1)
    return counted[0][0] if counted else None


async def blank_labels(
    order: LabelOrder, signed_in: SignedIn, database: Database, clock: Clock
) -> list[Label]:
    """A batch of codes that nothing is bound to yet; whoever sticks one on binds it on site."""
    if not signed_in.access.may_anywhere("bind"):
        raise NotAllowed("bind")
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
