"""ops that still wait are found by their person, conflicts by their op

Revision ID: 0005
Revises: 0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    is_open = sa.text("open")
    op.create_index(
        "ops_person_id_idx",
        "ops",
        ["person_id"],
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_index("conflicts_op_id_idx", "conflicts", ["op_id"])
    # A rejected op waits, too: for the one that stands in its place.
    op.execute(sa.text("UPDATE ops SET open = true WHERE outcome_name = 'rejected'"))
