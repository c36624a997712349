"""The page on plain HTTP by which a tablet comes to trust the demo. Rule: it gives nothing secret.

It stands on the port after the server's. Nothing else of the server can be reached through it.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from html import escape

import uvicorn
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from server.demo.authority import Certified
from server.pages import STYLE, STYLE_PATH, page

CERTIFICATE_PATH = "/xunjian-demo.crt"
CERTIFICATE_TYPE = b"application/x-x509-ca-cert"

STEPS = """\
<p><a href="{certificate}">下载证书 xunjian-demo.crt</a></p>
<h2>安卓平板</h2>
<ol><li>下载证书。</li>
<li>打开“设置”，搜索“CA 证书”（多在 安全 › 加密与凭据 › 安装证书），选择刚下载的文件。</li>
<li>用 Chrome 打开 <a href="{address}">{address}</a>，再扫终端里的二维码。</li></ol>
<h2>iPad</h2>
<ol><li>用 Safari 下载证书，允许描述文件。</li>
<li>设置 › 通用 › VPN 与设备管理，安装该描述文件。</li>
<li>设置 › 通用 › 关于本机 › 证书信任设置，打开该证书。</li>
<li>用 Safari 打开 <a href="{address}">{address}</a>，添加到主屏幕。</li></ol>
<p class="note">证书只能证明本机和内网地址，不能用于互联网网站；演示结束后请删除。
安装前核对指纹（SHA-256）：<code>{fingerprint}</code></p>
<div lang="en">
<h2>Trust this demo</h2>
<p><a href="{certificate}">Download the certificate</a>. The app needs HTTPS for camera and
offline work, and a tablet must first trust who vouches for this machine.</p>
<h3>Android</h3>
<ol><li>Download the certificate.</li>
<li>In Settings, search for “CA certificate” (mostly Security › Encryption and credentials ›
Install a certificate) and choose the file.</li>
<li>Open <a href="{address}">{address}</a> in Chrome, then scan the code in the terminal.</li></ol>
<h3>iPad</h3>
<ol><li>Download the certificate in Safari and allow the profile.</li>
<li>Settings › General › VPN and device management: install it.</li>
<li>Settings › General › About › Certificate trust settings: switch it on.</li>
<li>Open <a href="{address}">{address}</a> in Safari and add it to the home screen.</li></ol>
<p class="note">It vouches for this machine and private addresses only, for no site of the
internet. Remove it after the demo. Fingerprint (SHA-256) to compare before you install it:
<code>{fingerprint}</code></p>
</div>
"""


class Content(Struct, frozen=True):
    """What one address gives."""

    media_type: bytes
    body: bytes
    name: str = ""  # Under which a browser saves it.


class Trust:
    """The page's own tiny application: three addresses and nothing else."""

    def __init__(self, address: str, certified: Certified) -> None:
        body = STEPS.format(
            address=escape(address),
            certificate=CERTIFICATE_PATH,
            fingerprint=escape(certified.fingerprint),
        )
        html = page("信任本演示 · Trust this demo", body).content.encode()
        self._contents: Mapping[str, Content] = {
            "/": Content(b"text/html; charset=utf-8", html),
            STYLE_PATH: Content(b"text/css; charset=utf-8", STYLE),
            CERTIFICATE_PATH: Content(
                CERTIFICATE_TYPE, certified.authority.read_bytes(), "xunjian-demo.crt"
            ),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is not here is not found."""
        if scope["type"] != ScopeType.HTTP:
            return
        found = self._contents.get(scope["path"])
        is_read = scope["method"] in ("GET", "HEAD")
        content = found if found and is_read else Content(b"text/plain; charset=utf-8", b"404\n")
        headers = [
            (b"content-type", content.media_type),
            (b"content-length", str(len(content.body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"content-security-policy", b"default-src 'none'; style-src 'self'"),
        ]
        if content.name:
            saved = f'attachment; filename="{content.name}"'
            headers.append((b"content-disposition", saved.encode()))
        status = 200 if content is found else 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else content.body
        await send({"type": "http.response.body", "body": body, "more_body": False})


class TrustServer(uvicorn.Server):
    """A server beside the real one, which alone listens to signals."""

    def __init__(self, app: Trust) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
            )
        )

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals to the server that this one accompanies."""
        yield
