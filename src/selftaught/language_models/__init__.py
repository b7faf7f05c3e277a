"""Language models behind the one-method protocol `selftaught.language_model.Client`."""

from __future__ import annotations

KNOWN = {
    "editor": "selftaught.language_models.editor:Editor",
}
"""Model ids, and for each what makes a client from the run's seed."""

SUMMARIES = {
    "editor": "the embedded model: a seeded program editor, not a neural network; free, offline",
}
"""What each model is, in a line."""
