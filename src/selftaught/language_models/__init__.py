"""Language models behind the one-method protocol `selftaught.client.Client`."""

from __future__ import annotations

KNOWN = {
    "editor": "selftaught.language_models.editor:Editor",
    "planted": "selftaught.language_models.planted:Planted",
}
"""Model ids, and for each what makes a client from the run's seed and from settings of its own."""

SUMMARIES = {
    "editor": "the embedded model: a seeded program editor, not a neural network; free, offline",
    "planted": "not a model either: edits of known effect, known cheats; measures who judges them",
}
"""What each model is, in a line."""
