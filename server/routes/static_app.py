"""The built app, as files. Rule: a hashed name is kept for ever, all else asked for anew.

It stands before the router: `/office/people` is the app for a browser that opens it as a page, and
the resource for a program that fetches it.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send
from msgspec import Struct

from server.encoding import chosen
from server.pages import STYLE, STYLE_PATH, page

INDEX = "/index.html"
# The page behind a link to sign: for a stranger's phone, and so for no search engine and no cache.
SIGN, SIGN_PAGE = re.compile(r"^/sign/?$"), "/sign.html"
# The app's own pages; the same list as in the app's service worker.
PAGES = re.compile(r"^/($|(enrol|field|office)(/|$))")
# Where the router answers GET as well, and only a page is the app's. `/office` is no resource.
SHARED = re.compile(r"^/office/.")
HASHED = re.compile(r"^/assets/.+-[A-Za-z0-9_-]{8,}\.\w+$")
FOR_EVER = b"public, max-age=31536000, immutable"
ASK_AGAIN = b"no-cache"
KEEP_NOTHING = b"no-store"
PACKED = re.compile(r"^(text/|application/(javascript|json|wasm|manifest)|image/svg)")
PACK_BYTES_MIN = 1_024
STRANGERS = ((b"x-robots-tag", b"noindex, nofollow"), (b"referrer-policy", b"no-referrer"))

# What the system's own table may not know.
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


class File(Struct, frozen=True):
    """A file as it is sent; `packed` is its gzip form where that is worth it."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str
    cache_control: bytes


def make_file(address: str, body: bytes) -> File:
    """Prepare a file for the address under which it is served."""
    suffix = Path(address).suffix
    guessed = mimetypes.guess_type(address)[0] or "application/octet-stream"
    media_type = MEDIA_TYPES.get(suffix, guessed)
    packed = None
    if PACKED.match(media_type) and len(body) >= PACK_BYTES_MIN:
        packed = gzip.compress(body, compresslevel=6, mtime=0)
    return File(
        body,
        packed if packed and len(packed) < len(body) else None,
        media_type,
        f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        KEEP_NOTHING if address == SIGN_PAGE else FOR_EVER if HASHED.match(address) else ASK_AGAIN,
    )


class AppFiles:
    """The files of the build, read once, when they are first there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, File] = {}

    @property
    def is_built(self) -> bool:
        """Whether there is an app to serve."""
        return INDEX in self.files()

    def files(self) -> Mapping[str, File]:
        """Give every file by its address."""
        if INDEX not in self._files and (self._folder / "index.html").is_file():
            for path in sorted(self._folder.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    address = f"/{path.relative_to(self._folder).as_posix()}"
                    self._files[address] = make_file(address, path.read_bytes())
        return {**self._files, STYLE_PATH: STYLE_FILE}


STYLE_FILE = make_file(STYLE_PATH, STYLE)
MISSING = page(
    "应用尚未构建 · The app is not built",
    "<p>请在项目目录运行 <code>./dev app</code>，然后重新加载此页。</p>"
    "<p>Run <code>./dev app</code> in the project's folder, then load this page again.</p>",
)


def header(scope: HTTPScope, name: bytes) -> str:
    """Give a request header, empty where there is none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def choose(scope: HTTPScope, files: Mapping[str, File]) -> str | None:
    """Name the file that answers a request: its own, the app's page, or none."""
    path = scope["path"]
    if scope["method"] not in ("GET", "HEAD"):
        return None
    if path in files:
        return path
    if SIGN.match(path):
        return SIGN_PAGE
    if not PAGES.match(path):
        return None
    if SHARED.match(path) and "text/html" not in header(scope, b"accept"):
        return None
    return INDEX


async def send_file(scope: HTTPScope, send: Send, file: File) -> None:
    """Answer with a file: 304 where the browser has it, packed where the browser unpacks."""
    packed = (
        file.packed is not None and chosen(header(scope, b"accept-encoding"), ("gzip",)) == "gzip"
    )
    body = file.packed if packed and file.packed is not None else file.body
    headers = [
        (b"etag", file.etag.encode()),
        (b"cache-control", file.cache_control),
        (b"vary", b"accept, accept-encoding"),
        *(STRANGERS if file.cache_control == KEEP_NOTHING else ()),
    ]
    if file.etag in header(scope, b"if-none-match"):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    headers += [
        (b"content-type", file.media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *([(b"content-encoding", b"gzip")] if packed else []),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    sent = body if scope["method"] == "GET" else b""
    await send({"type": "http.response.body", "body": sent, "more_body": False})


async def send_missing(send: Send) -> None:
    """Answer that there is no app yet, and how to get it."""
    body = MISSING.content.encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def serve_app(app: ASGIApp, app_files: AppFiles) -> ASGIApp:
    """Answer what is the app's, and pass everything else on."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        files = app_files.files()
        name = choose(scope, files)
        if name is None:
            await app(scope, receive, send)
        elif name in files:
            scope["path_template"] = "app"
            await send_file(scope, send, files[name])
        else:
            await send_missing(send)

    return served
