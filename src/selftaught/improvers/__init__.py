"""Reference improvers, as programs: one file each, one function, code and prompt at once.

They run in a sandbox and are never imported; each takes the paper's interface
``improve_algorithm(initial_solution, utility, language_model)``.
"""

KNOWN = ("greedy_iterative", "seed")
"""Improver ids: the names of the files."""
