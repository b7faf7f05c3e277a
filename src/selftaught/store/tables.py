"""The tables of a journal: runs, their events in order, and texts by content."""

from __future__ import annotations

import sqlalchemy as sql

TABLES = sql.MetaData()
RUNS = sql.Table(
    "runs",
    TABLES,
    sql.Column("run", sql.String(128), primary_key=True),
    sql.Column("started", sql.Float, nullable=False),
)
EVENTS = sql.Table(
    "events",
    TABLES,
    sql.Column("run", sql.String(128), sql.ForeignKey("runs.run"), primary_key=True),
    sql.Column("number", sql.Integer, primary_key=True),
    sql.Column("time", sql.Float, nullable=False),
    sql.Column("kind", sql.String(64), nullable=False),
    sql.Column("place", sql.String(256), nullable=False),
    sql.Column("key", sql.String(64)),
    sql.Column("body", sql.Text, nullable=False),
)
BLOBS = sql.Table(
    "blobs",
    TABLES,
    sql.Column("digest", sql.String(64), primary_key=True),
    sql.Column("text", sql.Text, nullable=False),
)
