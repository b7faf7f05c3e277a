"""Tasks that come with the package: one folder each.

``utility.py`` of a folder is the text that a language model reads and the code that scores;
``seed.py`` is the seed solution s; ``reference.py`` a strong solution. The last two run in a
sandbox only.
"""

KNOWN = {
    "lpn": "selftaught.tasks.lpn:task",
}
"""Task ids, and for each the function that makes the `Task` of a preset."""

PRESETS = {
    "lpn": ("standard", "hard", "paper"),
}
"""Sizes and rules that a task comes in; the first is the default."""
