"""The tables of a journal: runs, their events in order, and texts by content."""

from __future__ import annotations

import sqlalchemy as sql

TABLES = sql.MetaData()
RUNS = sql.Table(
    "runs",
    TABLES,
    sql.Column("run", sql.String(128), primary_key=True),
    sql.Column("started", sql.Double, nullable=False),
    sql.Column("head", sql.String(64)),
    sql.Column("stop", sql.Text),
)
"""`head` is the hash of the last event when the run last ended; `stop` is why it was asked to."""
EVENTS = sql.Table(
    "events",
    TABLES,
    sql.Column("run", sql.String(128), sql.ForeignKey("runs.run"), primary_key=True),
    sql.Column("number", sql.Integer, primary_key=True),
    sql.Column("time", sql.Double, nullable=False),
    sql.Column("kind", sql.String(64), nullable=False),
    sql.Column("place", sql.Text, nullable=False),
    sql.Column("key", sql.String(64)),
    sql.Column("question", sql.String(64)),
    sql.Column("body", sql.Text, nullable=False),
    sql.Column("hash", sql.String(64), nullable=False, server_default=""),
    sql.Index("events_by_key", "run", "key", unique=True),
    sql.Index("events_by_question", "run", "question"),
    sql.Index("events_by_kind", "run", "kind", "number"),
)
"""A key is unique in its run: nothing that has one can happen, or be paid for, twice."""
BLOBS = sql.Table(
    "blobs",
    TABLES,
    sql.Column("digest", sql.String(64), primary_key=True),
    sql.Column("text", sql.Text, nullable=False),
)
