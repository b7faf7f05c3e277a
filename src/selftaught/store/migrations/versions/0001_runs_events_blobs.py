"""The first tables: runs, events and blobs, made before versions were kept."""

import sqlalchemy as sql
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "runs",
        sql.Column("run", sql.String(128), primary_key=True),
        sql.Column("started", sql.Float, nullable=False),
    )
    op.create_table(
        "events",
        sql.Column("run", sql.String(128), sql.ForeignKey("runs.run"), primary_key=True),
        sql.Column("number", sql.Integer, primary_key=True),
        sql.Column("time", sql.Float, nullable=False),
        sql.Column("kind", sql.String(64), nullable=False),
        sql.Column("place", sql.String(256), nullable=False),
        sql.Column("key", sql.String(64)),
        sql.Column("body", sql.Text, nullable=False),
    )
    op.create_table(
        "blobs",
        sql.Column("digest", sql.String(64), primary_key=True),
        sql.Column("text", sql.Text, nullable=False),
    )
