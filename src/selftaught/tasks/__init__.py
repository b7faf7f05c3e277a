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
    "lpn": {
        "standard": "10 bits; a failed instance costs only itself",
        "hard": "32 bits: too many parities to try them all",
        "paper": "10 bits; sizes, counts and rules of the research code",
    },
}
"""Sizes and rules that a task comes in, and what is special; the first is the default."""
