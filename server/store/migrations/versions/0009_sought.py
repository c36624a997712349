"""names as they are looked for; what a look calls forgotten

Revision ID: 0009
Revises: 0008
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("looks", schema=None) as batch_op:
        batch_op.alter_column("lost", new_column_name="forgotten", existing_type=sa.BigInteger())
    for table in ("people", "devices"):
        _add_sought(table)


def _add_sought(table: str) -> None:
    """Keep names as they are looked for, those that are there as well."""
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(sa.Column("sought", sa.Text(), server_default="", nullable=False))
    columns = (sa.column("id", sa.Uuid()), sa.column("name", sa.Text()))
    rows = sa.table(table, *columns, sa.column("sought", sa.Text()))
    for id_, name in op.get_bind().execute(sa.select(*columns)).all():
        op.execute(rows.update().where(rows.c.id == id_).values(sought=name.casefold()))
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column(
            "sought", existing_type=sa.Text(), server_default=None, nullable=False
        )
