"""The few pages that the server itself shows, outside the app. Rule: no script, one style sheet.

Colours and sizes are those of the app's tokens, so that a page beside the app looks like it.
"""

from html import escape

from litestar import Response
from litestar.enums import MediaType

STYLE_PATH = "/page.css"
STYLE = b"""\
:root { color-scheme: light dark; --paper: #f3f5f6; --surface: #fff; --sunken: #e8ecee;
  --line: #d3dade; --ink: #101a20; --ink-2: #3b4850; --accent: #0a5470; --bezel: #14232c;
  --on-bezel: #f2f6f8; --ok: #125a35; --warn: #714300; --bad: #9c1810; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0b1216; --surface: #131c22; --sunken: #1d2930; --line: #2a3840;
    --ink: #e8eef1; --ink-2: #b9c6cd; --accent: #84cbe1; --bezel: #050a0d;
    --ok: #8fdcaf; --warn: #ffcf7d; --bad: #ffb0a6; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5; font: 17px/1.5
  system-ui, "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
main { max-width: 46rem; min-height: 100vh; margin: 0 auto; padding: 32px 24px 48px;
  background: var(--surface); }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 16px; }
h2 { font-size: 21px; margin: 32px 0 8px; padding-bottom: 4px;
  border-bottom: 1.5px solid var(--ink); }
h3 { font-size: 18px; margin: 24px 0 4px; overflow-wrap: anywhere; }
p, ul, pre { margin: 0 0 12px; }
a { color: var(--accent); }
code, pre { font: 15px/1.5 ui-monospace, Consolas, monospace; background: var(--sunken);
  border-radius: 4px; padding: 1px 4px; overflow-wrap: anywhere; }
pre { padding: 12px; overflow: auto; white-space: pre-wrap; }
code:empty { display: none; }
input { font: inherit; color: inherit; max-width: 100%; }
input:not([type]) { width: 26rem; margin: 4px 4px 8px 0; min-height: 44px; padding: 4px 12px;
  background: var(--surface); border: 1.5px solid var(--ink-2); border-radius: 6px; }
button, .pick label { font: inherit; min-height: 44px; padding: 4px 20px; border-radius: 6px;
  border: 1.5px solid var(--accent); background: var(--accent); color: var(--surface); }
.pick { position: relative; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; }
.pick input { position: absolute; width: 1px; height: 1px; opacity: 0; }
.pick label { display: flex; align-items: center; background: var(--surface);
  color: var(--accent); cursor: pointer; }
.pick span { overflow-wrap: anywhere; }
.pick input:focus-visible + label { outline: 3px solid var(--accent); outline-offset: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.note { color: var(--ink-2); font-size: 15px; }
.whose { background: var(--bezel); color: var(--on-bezel); }
.whose div { max-width: 46rem; margin: 0 auto; padding: 6px 24px; display: flex; gap: 16px;
  align-items: center; justify-content: space-between; }
.whose a { color: var(--on-bezel); min-height: 44px; display: flex; align-items: center;
  white-space: nowrap; }
.whose :focus-visible { outline-color: var(--on-bezel); }
.verdict { display: flex; align-items: center; gap: 12px; border: 0; font-size: 24px; }
.verdict svg { width: 32px; height: 32px; flex: none; }
.genuine { color: var(--ok); }
.superseded { color: var(--warn); }
.unknown { color: var(--bad); }
"""


def page(
    title: str, body: str, *, language: str = "zh-CN", status: int = 200, above: str = ""
) -> Response[str]:
    """Give a page; `title` is text, `body` and `above` HTML whose text the caller has escaped."""
    return Response(
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="stylesheet" href="{STYLE_PATH}">\n'
        '<link rel="icon" href="data:,">\n</head>\n'  # Else the browser asks for one, and gets 404.
        f"<body>\n{above}<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n",
        media_type=MediaType.HTML,
        status_code=status,
    )
