"""Whether a report is genuine: a public page. Rule: it tells nothing of what is in a report.

Somebody with the paper has its code, somebody with the file its digest; the browser works that out
itself and sends nothing but the digest.
"""

import re
from html import escape
from pathlib import Path
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from schemas.base import Language
from schemas.reports import VerifyAnswer
from server.auth.attempts import Attempts
from server.database import Database
from server.errors import TooManyAttempts
from server.pages import page
from server.reports import codes
from server.reports.verify_words import VERIFY_WORDS
from server.settings import Settings
from server.store import reports as store
from server.store.reports import Report

SCRIPT_BYTES = (Path(__file__).parents[1] / "reports" / "verify.js").read_bytes()
DIGEST = re.compile(r"[0-9a-f]{64}")
CODE_LENGTH_MAX = 100
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
GROUP = 4
# A tick in a ring, an arrow to what came after, an exclamation mark in a triangle.
SHAPES = {
    "genuine": "M3 12a9 9 0 1 0 18 0a9 9 0 1 0 -18 0M8 12.5l3 3l5.5 -6.5",
    "superseded": "M3 12a9 9 0 1 0 18 0a9 9 0 1 0 -18 0M8 12h8M12.5 8.5l3.5 3.5l-3.5 3.5",
    "unknown": "M12 3.5l9.5 17h-19zM12 10v5M12 17v1",
}


def language_of(request: Request[object, object, State], chosen: str | None) -> Language:
    """The one that was chosen, else Chinese for whoever's browser asks for it first, or English."""
    if chosen in ("zh-CN", "en"):
        return "en" if chosen == "en" else "zh-CN"
    asked = request.headers.get("accept-language", "zh").strip().lower()
    return "zh-CN" if asked.startswith("zh") else "en"


async def look_up(database: Database, name: str) -> Report | None:
    """The report with this code, or this digest of its file; only one that is ready."""
    digest = name.strip().lower()
    code = codes.read(name)
    async with database.read() as tx:
        if DIGEST.fullmatch(digest):
            found = await store.load_by_digest(tx, digest)
        elif code is not None:
            found = await store.load_by_code(tx, code)
        else:
            found = None
    return found if found is not None and found.state == "ready" else None


def answer(found: Report | None) -> VerifyAnswer:
    """What anybody may know of a report."""
    if found is None:
        return VerifyAnswer(verdict="unknown")
    return VerifyAnswer(
        verdict="superseded" if found.superseded_at else "genuine",
        revision=found.revision,
        language=found.language,
        ready_at=found.ready_at,
        content=found.basis,
        file=found.digest,
    )


@get("/verify", operation_id="verifyForm", summary="Verify a report")
async def verify_form(
    request: Request[object, object, State],
    database: NamedDependency[Database],
    verifying: NamedDependency[Attempts],
    address: NamedDependency[str],
    settings: NamedDependency[Settings],
    code: FromQuery[str | None] = None,
    language: FromQuery[str | None] = None,
) -> Response[str]:
    """Show a field for the code and one for the file; with `code`, the answer above them."""
    asked = Asked((code or "").strip(), language_of(request, language), settings.operator)
    return await shown(database, verifying, address, asked)


@get("/verify/{name:str}", operation_id="verifyReport", summary="Verify one report")
async def verify_report(
    name: FromPath[str],
    request: Request[object, object, State],
    database: NamedDependency[Database],
    verifying: NamedDependency[Attempts],
    address: NamedDependency[str],
    settings: NamedDependency[Settings],
    language: FromQuery[str | None] = None,
) -> Response[str]:
    """Say whether the report with this code, or the file with this digest, was issued here."""
    asked = Asked(name, language_of(request, language), settings.operator)
    return await shown(database, verifying, address, asked)


@get("/verify/state/{name:str}", operation_id="verifyState", summary="The same for programs")
async def verify_state(
    name: FromPath[str],
    database: NamedDependency[Database],
    verifying: NamedDependency[Attempts],
    address: NamedDependency[str],
) -> Response[VerifyAnswer]:
    """Answer as JSON. Problem: `too-many-attempts`."""
    verifying.begin(name="", address=address)
    return Response(answer(await look_up(database, name[:CODE_LENGTH_MAX])), headers=PRIVATE)


@get("/verify.js", operation_id="verifyScript", summary="What the page runs")
async def verify_script() -> Response[bytes]:
    """Give the script that works a file's digest out in the browser."""
    return Response(
        SCRIPT_BYTES,
        media_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "public, max-age=3600"},
    )


class Asked(Struct, frozen=True):
    """What somebody asks, in which language, and of which company."""

    name: str
    language: Language
    company: str


async def shown(
    database: Database, verifying: Attempts, address: str, asked: Asked
) -> Response[str]:
    """The page; a person who asks too often is told so on it."""
    language, name = asked.language, asked.name
    words = VERIFY_WORDS[language]
    status, told = 200, None
    if name:
        try:
            verifying.begin(name="", address=address)
            told = answer(await look_up(database, name[:CODE_LENGTH_MAX]))
        except TooManyAttempts:
            status = 429
    if status == 429:
        body = f"<p>{words['later']}</p>"
    else:
        body = (body_of(told, name, words) if told else "") + form_of(told, words, language)
    made = page(words["title"], body, language=language, status=status, above=above(asked))
    made.headers.update(PRIVATE)
    return made


def above(asked: Asked) -> str:
    """The company's name, and the same page in the other language."""
    other: Language = "zh-CN" if asked.language == "en" else "en"
    code = f"code={quote(asked.name, safe='')}&amp;" if asked.name else ""
    return (
        f'<header class="whose"><div><strong>{escape(asked.company)}</strong>'
        f'<a href="/verify?{code}language={other}" lang="{other}" hreflang="{other}">'
        f"{VERIFY_WORDS[other]['language']}</a></div></header>\n"
    )


def verdict_of(told: VerifyAnswer, words: dict[str, str]) -> str:
    """The verdict with its shape: no state is told by its colour alone."""
    return (
        f'<h2 class="verdict {told.verdict}"><svg viewBox="0 0 24 24" fill="none"'
        ' stroke="currentColor" stroke-width="2" aria-hidden="true">'
        f'<path d="{SHAPES[told.verdict]}"/></svg>{words[told.verdict]}</h2>\n'
    )


def body_of(told: VerifyAnswer, name: str, words: dict[str, str]) -> str:
    """The verdict in a sentence, and what may be compared with the paper."""
    if told.verdict == "unknown":
        return f"{verdict_of(told, words)}<p>{words['unknown-more']}</p>\n"
    content = told.content or ""
    spaced = " ".join(content[at : at + GROUP] for at in range(0, len(content), GROUP))
    made = f"{told.ready_at:%Y-%m-%d}" if told.ready_at else ""
    code = codes.read(name)
    shown_name = f"<p><code>{escape(codes.display(code))}</code></p>\n" if code else ""
    return (
        f"{verdict_of(told, words)}<p>{words[f'{told.verdict}-more']}</p>\n{shown_name}"
        f"<p>{words['made'].format(day=made, revision=told.revision)}</p>\n"
        f"<p>{words['content']}<br><code>{spaced}</code></p>\n"
    )


def form_of(told: VerifyAnswer | None, words: dict[str, str], language: Language) -> str:
    """A field for the file, and one for a code."""
    file = told.file if told and told.file else ""
    results = "\n".join(
        f'<p role="status" data-result="{name}" hidden><strong>{words[f"file-{name}"]}</strong></p>'
        for name in ("same", "genuine", "superseded", "altered", "unable", "later", "busy")
    )
    return f"""\
<h2>{words["file"]}</h2>
<p>{words["file-how"]}</p>
<p class="pick"><input type="file" id="file" accept="application/pdf,.pdf" data-digest="{file}"
 aria-describedby="picked"><label for="file">{words["file-pick"]}</label>
<span id="picked">{words["file-none"]}</span></p>
{results}
<p class="note"><code id="digest"></code></p>
<h2>{words["code"]}</h2>
<form action="/verify" method="get">
<input type="hidden" name="language" value="{language}"><p><label>{words["code-how"]}<br>
<input name="code" maxlength="100" autocomplete="off" spellcheck="false"></label>
<button>{words["ask"]}</button></p></form>
<p class="note">{words["note"]}</p>
<script src="/verify.js" defer></script>"""
