"""The demo company in both databases, as its load leaves it."""

import hashlib
from collections import defaultdict

import pytest
from sqlalchemy import func, select

from server.auth.passwords import Passwords
from server.blobs import Blobs, blob_key, thumbnail_key
from server.clock import ManualClock
from server.database import Database
from server.demo import load
from server.demo.cast import PASSWORD
from server.demo.keeping import known_of
from server.images.found import LARGE, SMALL
from server.settings import Settings
from server.store import files, grants, installation, people
from server.store.kind_tables import KIND_TABLES
from server.store.tables import claims, feed, scopes
from sync.record import MARK_SPAN, mark
from tests.fixtures.demo_company import NOW, TODAY, Home, company

STORED_BYTES_MAX = 10_000_000


async def test_the_whole_company_comes_in_with_right_heads_and_digests(
    demo_database: Database,
) -> None:
    clock, made = ManualClock(NOW), company()
    expected: dict[str, list[int]] = defaultdict(list)
    async with demo_database.read() as tx:
        assert await load.find(tx) == load.Loaded(1, TODAY)
        rows = await tx.execute(select(feed.c.scope_id, feed.c.seq, feed.c.body))
        heads: dict[str, int] = defaultdict(int)
        for row in rows:
            expected[row.scope_id].append(mark(row.body))
            heads[row.scope_id] = max(heads[row.scope_id], row.seq)
        stood = {row.id: row for row in await tx.execute(select(scopes))}
        assert await tx.scalar(select(func.count()).select_from(claims)) == len(made.claims)
        person = await people.load_by_login(tx, "liang")
        assert person is not None
        stored = await people.load_password_hash(tx, person.id)
        held = await grants.load_scopes(tx, device_id=clock.new_id(), person_id=person.id)
    # Beside the company's own records each tablet has the record of its key, in the same scope.
    assert sum(map(len, expected.values())) == len(made.records) + len(made.tablets)
    assert set(stood) == {one.scope for one in made.records}
    for id_, marks in expected.items():
        assert stood[id_].live == len(marks)
        assert stood[id_].marks % MARK_SPAN == sum(marks) % MARK_SPAN
        assert stood[id_].head == heads[id_]
    assert await Passwords(clock).verify(stored, PASSWORD)
    assert len([scope for scope in held if scope.startswith("site:")]) >= 5
    assert not any(scope.startswith(("archive:", "office")) for scope in held)


async def test_a_load_that_is_cut_leaves_nothing(database: Database) -> None:
    clock = ManualClock(NOW)
    async with database.write() as tx:
        await installation.begin(tx, id_=clock.new_id(), seal_key=clock.entropy(32))

    def cut(part: str, _: int) -> None:
        if part == "assets":
            raise ConnectionError("cut")

    with pytest.raises(ConnectionError):
        await load.load(
            database,
            company(),
            clock,
            kept=[known_of(one) for one in company().pictures],
            password_hash="x",
            tell=cut,
        )
    async with database.read() as tx:
        assert await load.find(tx) is None
        assert not await people.has_administrator(tx)
        assert await tx.scalar(select(func.count()).select_from(feed)) == 0


async def test_every_photo_that_says_it_is_here_is_shown_and_the_store_is_small(
    demo_database: Database, demo_home: Home
) -> None:
    made, blobs = company(), Blobs(Settings(data_dir=demo_home.folder))
    attachment = KIND_TABLES["attachment"]
    async with demo_database.read() as tx:
        received = attachment.c.received_at.is_not(None)
        here = set(await tx.scalars(select(attachment.c.sha256).where(received)))
        known = await files.load_known(tx, here)
    assert set(known) == here == {one.sha256 for one in made.pictures}
    placed = 0
    for sha256, one in known.items():
        content = b"".join([part async for part in blobs.read(blob_key(sha256))])
        assert hashlib.sha256(content).hexdigest() == sha256
        assert (one.media_type, one.fault, one.thumbnails) == ("image/jpeg", None, True)
        for size in (SMALL, LARGE):
            assert await blobs.size(thumbnail_key(sha256, size))
        assert (one.place is None) == (one.bare_type is None)
        placed += one.place is not None
    assert 0 < placed < len(known), "some were taken by a camera that knew where it was"
    stored = [one.bytes async for one in blobs.walk()]
    assert len(stored) == 3 * len(known) + placed
    assert sum(stored) < STORED_BYTES_MAX
