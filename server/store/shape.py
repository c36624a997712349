"""Whether the tables are as the program has them. Rule: asked where a person asks, at no start."""

from collections.abc import Sequence

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import file_tables, kind_tables, people_tables, proof_tables
from server.store.tables import metadata

# Each tells `metadata` of its tables as it is imported.
TOLD = (file_tables, kind_tables, people_tables, proof_tables)


async def load_lacking(tx: AsyncConnection) -> Sequence[str]:
    """The columns of ours that this database lacks, as `table.column`."""
    found = await tx.run_sync(lambda connection: inspect(connection).get_multi_columns())
    there = {table: {one["name"] for one in columns} for (_, table), columns in found.items()}
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name not in there.get(table.name, ())
    ]
