"""Hashes that chain events, keys that are unique, questions, and requests to stop.

Runs from before keep their events and have no chain. Their keys are dropped: they were not unique.
"""

import sqlalchemy as sql
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds columns and indices."""
    with op.batch_alter_table("runs") as runs:
        runs.alter_column("started", type_=sql.Double)
        runs.add_column(sql.Column("head", sql.String(64)))
        runs.add_column(sql.Column("stop", sql.Text))
    with op.batch_alter_table("events") as events:
        events.alter_column("time", type_=sql.Double)
        events.alter_column("place", type_=sql.Text)
        events.add_column(sql.Column("question", sql.String(64)))
        events.add_column(sql.Column("hash", sql.String(64), nullable=False, server_default=""))
    op.execute("UPDATE events SET key = NULL")
    op.create_index("events_by_key", "events", ["run", "key"], unique=True)
    op.create_index("events_by_question", "events", ["run", "question"])
    op.create_index("events_by_kind", "events", ["run", "kind", "number"])
