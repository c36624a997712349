"""What a scanned tag leads to. Rule: a stranger is told nothing, and not even whether it exists."""

from html import escape
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from schemas.office import TagAnswer
from server.auth.people import SignedIn
from server.database import Database
from server.errors import NotFound, ServerError
from server.labels.qr import tag_png, tag_svg
from server.pages import page
from server.settings import Settings
from server.store import office, office_assets
from server.store.office import Sites
from server.store.office_assets import StoredClaim
from sync.tags import NotRead, Tag, display, parse

PUBLIC = {"Cache-Control": "public, max-age=3600", "X-Robots-Tag": "noindex"}
PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}


class TagMistyped(ServerError):
    """Told before anything is looked up."""

    slug = "tag-mistyped"
    title = "This is not the code of a tag; compare it with the label"
    status = 400


def read_code(text: str) -> str:
    """Give the canonical code. Raises `TagMistyped` with what is wrong."""
    match parse(text):
        case Tag(code):
            return code
        case NotRead.MISTYPED:
            raise TagMistyped("the check character does not fit: one of the nine is wrong")
        case NotRead.NOT_A_TAG:
            raise TagMistyped("a code has nine letters and figures, as in 7K4M-2P9D-6")


# --- For strangers ---


@get("/t/{code:str}", operation_id="publicTag", summary="The page behind a tag")
async def public_tag(code: FromPath[str]) -> Response[str]:
    """Show a stranger's phone a polite page. It looks nothing up, so it can tell nothing."""
    read = parse(code)
    body = known_shape(read.code) if isinstance(read, Tag) else wrong_shape(read)
    shown = page("设备标签 · Equipment tag", body)
    shown.headers.update(PUBLIC)
    return shown


def known_shape(code: str) -> str:
    """For every code whose check character fits, printed or not."""
    return f"""\
<p><code>{escape(display(code))}</code></p>
<p>这是一张设备巡检标签，供维护人员识别设备。您无需任何操作，请勿撕下或遮盖。</p>
<p>This tag lets maintenance staff identify a piece of equipment. There is nothing you need to do.
Please leave it where it is.</p>
<h2>维护人员 · Maintenance staff</h2>
<p><a href="/?tag={escape(code)}">在巡检应用中打开 · Open in the inspection app</a></p>
<p class="note">在平板上，请直接用巡检应用扫描，离线也能用。<br>
On a tablet, scan it from within the app; that works offline too.</p>"""


def wrong_shape(read: NotRead) -> str:
    """For what is no code, or was typed wrongly; what was typed is not shown again."""
    zh, en = (
        ("校验位不符：九位中有一位读错或输错。", "The check character does not fit: one is wrong.")
        if read is NotRead.MISTYPED
        else ("这不是标签编号。", "This is not the code of a tag.")
    )
    return f"""\
<p>{zh}请对照标签重新输入，编号形如 <code>7K4M-2P9D-6</code>，不含字母 I、L、O、U。</p>
<p>{en} Compare it with the label: a code looks like <code>7K4M-2P9D-6</code>, without the letters
I, L, O and U.</p>"""


# --- For people in the office ---


@get("/office/tags/{name:str}", operation_id="lookUpTag", summary="What a tag is bound to")
async def look_up_tag(
    name: FromPath[str],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
) -> Response[bytes]:
    """Tell what a code is bound to, as `TagAnswer`; with `.svg` or `.png` after it, draw the tag.

    A code that is bound where this person may not read is `unknown`, like one that was never
    printed; a picture of either is `not-found`. Problem: `tag-mistyped`.
    """
    suffix = name[-4:].lower() if name[-4:].lower() in PICTURES else ""
    code = read_code(name.removesuffix(name[-4:]) if suffix else name)
    async with database.read() as tx:
        sites = await office.load_sites(tx, signed_in.access)
        claim = await office_assets.load_claim(tx, code)
        asset = claim.asset_id if claim else None
        winner = await office_assets.load_winner(tx, asset) if asset else None
    told = answer(code, claim, sites, winner)
    if not suffix:
        return Response(msgspec.json.encode(told), media_type="application/json")
    if told.state == "unknown":
        raise NotFound
    draw = tag_svg if suffix == ".svg" else tag_png
    return Response(draw(code, base_url=settings.origin), media_type=PICTURES[suffix])


def answer(
    code: str, claim: StoredClaim | None, sites: Sites, winner: UUID | None = None
) -> TagAnswer:
    """Tell of a claim what this person may know of it; a duplicate leads to what it became."""
    if claim is None or claim.retired:
        return TagAnswer(code=code, state="unknown")
    if claim.asset_id is None:
        return TagAnswer(code=code, state="blank", batch=claim.batch or "")
    if sites.of_scope(claim.scope_id or "") is None:
        return TagAnswer(code=code, state="unknown")
    is_merged = winner is not None and winner != claim.asset_id
    return TagAnswer(
        code=code,
        state="bound",
        asset=winner if is_merged else claim.asset_id,
        merged_from=claim.asset_id if is_merged else None,
        batch=claim.batch or "",
    )
