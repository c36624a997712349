"""Servers that are killed in the middle of pushes, and connections that are cut."""

from uuid import UUID

from tests.faults.conftest import Serve, Tier
from tests.faults.fleet import assemble, working
from tests.faults.laws import assert_laws
from tests.faults.proxy import cutting
from tests.integration.conftest import House

TABLETS = 4
KILLS, KILLS_FULL = 2, 100
CUTS, CUTS_FULL = 30, 1_000
BATCHES_BETWEEN = 3


async def test_a_server_that_is_killed_again_and_again_loses_nothing_that_it_answered(
    house: House, site: UUID, serve: Serve, tier: Tier
) -> None:
    fleet = await assemble(house, site, TABLETS)
    kills = KILLS_FULL if tier == "full" else KILLS
    async with serve() as server:
        async with working(fleet, server.origin):
            for _ in range(kills):
                await fleet.reach(batches=BATCHES_BETWEEN)
                await server.kill()
                await fleet.reach(failures=1)
                await server.start()
            await fleet.reach(batches=BATCHES_BETWEEN)
        await assert_laws(house, fleet)


async def test_connections_that_are_cut_anywhere_lose_and_double_nothing(
    house: House, site: UUID, serve: Serve, tier: Tier
) -> None:
    fleet = await assemble(house, site, TABLETS)
    async with serve() as server, cutting(server.port, seed=7) as proxy:
        async with working(fleet, proxy.origin):
            while proxy.cuts < (CUTS_FULL if tier == "full" else CUTS):
                await fleet.reach(failures=1)
            proxy.is_calm = True
            await fleet.reach(batches=1)
        await assert_laws(house, fleet)
