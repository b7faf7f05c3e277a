"""Tasks that come with the package: one folder each.

``utility.py`` of a folder is the text that a language model reads and the code that scores, and
``paper_utility.py`` the same by the rules of the research code; ``seed.py`` is the seed solution s,
``reference.py`` a strong solution. Seeds and references run in a sandbox only.
"""

KNOWN = {
    "lpn": "selftaught.tasks.lpn:task",
    "max_cut": "selftaught.tasks.max_cut:task",
    "parity": "selftaught.tasks.parity:task",
    "quadratic_assignment": "selftaught.tasks.quadratic_assignment:task",
    "string_grid_distance": "selftaught.tasks.string_grid_distance:task",
    "three_sat": "selftaught.tasks.three_sat:task",
}
"""Task ids, and for each the function that makes the `Task` of a preset."""

PRESETS = {
    "lpn": {
        "standard": "10 bits; a failed instance costs only itself",
        "hard": "32 bits: too many parities to try them all",
        "paper": "10 bits; sizes, counts and rules of the research code",
    },
    "max_cut": {
        "standard": "40 to 80 nodes; how much more than half of the weight is cut",
        "paper": "50 to 200 nodes; weights in place of shares, and rules of the research code",
    },
    "parity": {
        "standard": "10 bits; a failed instance costs only itself",
        "hard": "48 bits: too many parities to try them all",
        "paper": "10 bits; sizes, counts and rules of the research code",
    },
    "quadratic_assignment": {
        "standard": "15 facilities; how much less than the average an assignment costs",
        "paper": "15 facilities; the cost is the score, by the rules of the research code",
    },
    "string_grid_distance": {
        "standard": "texts of 1 to 30 letters",
        "paper": "texts of 1 to 30 letters; counts and seeds of the research code",
    },
    "three_sat": {
        "standard": "40 to 60 variables, 4 clauses for each; a failed instance costs only itself",
        "paper": "5 to 50 variables; sizes, counts and rules of the research code",
    },
}
"""Sizes and rules that a task comes in, and what is special; the first is the default."""
