"""Checks of bytes (tus 1.0.0 at /files): promises 1, 3 and 7. Rule: bytes that nobody else has."""

import base64
import secrets
from hashlib import sha256

import httpx

from conformance.device import Device
from conformance.stage import NotTested, Stage, check, demand

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}
SIZE = 100_000


class Files:
    """One device's way to /files."""

    def __init__(self, stage: Stage, device: Device) -> None:
        self._http = stage.http
        self._given = {"Authorization": f"Bearer {device.credential}"}

    async def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = BYTES if method in ("PATCH", "POST") and body else TUS
        given = {**self._given, **kind, **named}
        return await self._http.request(method, path, content=body, headers=given)

    async def announce(self, content: bytes) -> str:
        """Begin an upload; its address. Raises `NotTested` where there is no /files."""
        digest = sha256(content).hexdigest()
        metadata = f"sha256 {base64.b64encode(digest.encode()).decode()}"
        said = {"Upload_Length": str(len(content)), "Upload_Metadata": metadata}
        answer = await self.ask("POST", "/files", b"", **said)
        if answer.status_code in (404, 405):
            raise NotTested("the server takes no files")
        demand(answer.status_code == 201, f"an upload was answered {answer.status_code}")
        return str(httpx.URL(str(self._http.base_url)).join(answer.headers.get("Location", "")))

    async def append(self, path: str, offset: int, body: bytes) -> httpx.Response:
        return await self.ask("PATCH", path, body, Upload_Offset=str(offset))

    async def offset(self, path: str) -> int:
        answer = await self.ask("HEAD", path)
        demand(answer.status_code == 200, f"HEAD of an upload was answered {answer.status_code}")
        return int(answer.headers.get("Upload-Offset", "-1"))

    async def have(self, *contents: bytes) -> set[str]:
        asked = {"sha256": [sha256(content).hexdigest() for content in contents]}
        answer = await self._http.post("/files/have", json=asked, headers=self._given)
        demand(answer.status_code == 200, f"`have` was answered {answer.status_code}")
        return set(answer.json().get("have", []))


@check(1, "bytes that come in pieces, some of them twice, are whole once and known from then on")
async def pieces_add_up(stage: Stage) -> None:
    files, content = Files(stage, stage.one), secrets.token_bytes(SIZE)
    path = await files.announce(content)
    half = SIZE // 2
    await files.append(path, 0, content[:half])
    again = await files.append(path, 0, content[:half])
    told = again.headers.get("Upload-Offset")
    demand(
        (again.status_code, told) == (409, str(half)),
        f"bytes that came twice were answered {again.status_code}, go on at {told}",
    )
    demand(await files.offset(path) == half, "HEAD names another offset than what was answered")
    demand(await files.announce(content) == path, "the same bytes were begun side by side")
    done = await files.append(path, half, content[half:])
    demand(done.status_code == 204, f"the last bytes were answered {done.status_code}")
    demand(bool(await files.have(content)), "bytes that were taken whole are not known")


@check(3, "other bytes than were announced are not taken, and the right ones still are")
async def wrong_bytes_are_refused(stage: Stage) -> None:
    files, content = Files(stage, stage.one), secrets.token_bytes(SIZE)
    path = await files.announce(content)
    wrong = await files.append(path, 0, content[::-1])
    demand(wrong.status_code == 422, f"other bytes were answered {wrong.status_code}")
    demand(not await files.have(content), "bytes that never came are said to be there")
    demand(await files.offset(path) == 0, "the upload does not begin again at 0")
    done = await files.append(path, 0, content)
    demand(done.status_code == 204, f"the right bytes were answered {done.status_code}")


@check(7, "who only knows a digest is told nothing of bytes, and nothing of another's upload")
async def digests_tell_nothing(stage: Stage) -> None:
    if len(stage.devices) < 2:
        raise NotTested("needs two tickets")
    content = secrets.token_bytes(SIZE)
    mine, theirs = (Files(stage, device) for device in stage.devices[:2])
    path = await mine.announce(content)
    await mine.append(path, 0, content)
    demand(not await theirs.have(content), "another device is told that the bytes are there")
    unknown = path.rpartition("/")[0] + "/00000000-0000-4000-8000-000000000000"
    answers = [await theirs.ask("HEAD", one) for one in (path, unknown)]
    codes = [one.status_code for one in answers]
    demand(codes == [404, 404], f"another's upload and none at all were answered {codes}")
