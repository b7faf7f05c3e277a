"""Reference improvers, as programs: one file each, one function, code and prompt at once.

They run in a sandbox and are never imported; each takes the paper's interface
``improve_algorithm(initial_solution, utility, language_model)``.
"""

KNOWN = (
    "annealing",
    "bandit",
    "beam_search",
    "beam_search_decay",
    "best_of_n",
    "chain_of_thought",
    "early_seed",
    "epsilon_greedy",
    "genetic",
    "genetic_implicit",
    "greedy_iterative",
    "hints",
    "local_search",
    "part_by_part",
    "seed",
    "ucb",
)
"""Names of improvers, which are those of the files."""
