"""Contracts in the office. Rule: each is told to those who may change it, and to nobody else."""

from litestar import get
from litestar.di import NamedDependency

from schemas.base import ROWS_PER_LIST_DEFAULT
from schemas.office import ContractPage, ContractRow
from server.auth.people import SignedIn
from server.database import Database
from server.paging import Limit, Offset
from server.store import office_contracts
from server.store.office_contracts import StoredContract


@get("/office/contracts", operation_id="listContracts", summary="Contracts")
async def list_contracts(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> ContractPage:
    """List the contracts that this person may change, by customer and number."""
    async with database.read() as tx:
        found = await office_contracts.load_contracts(tx)
    may = signed_in.access.may
    own = [one for one in found if may("contract", customer=one.customer, contract=one.id)]
    rows = tuple(contract_row(one) for one in own[offset : offset + limit])
    return ContractPage(total=len(own), offset=offset, rows=rows)


def contract_row(one: StoredContract) -> ContractRow:
    return ContractRow(
        id=one.id,
        version=one.version,
        customer=one.customer,
        customer_name=one.customer_name,
        number=one.number,
        title=one.title or "",
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        photo_place="kept" if one.photo_place == "kept" else "stripped",
    )
