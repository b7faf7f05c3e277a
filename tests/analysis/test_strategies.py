"""What improvers do, from their text alone."""

from __future__ import annotations

import pytest

from selftaught.analysis.strategies import PREDICATES, Strategy, strategies_of
from selftaught.improvers import KNOWN
from selftaught.parts import known_improver

S = Strategy
SCORED = {S.SELECTS, S.EVALUATES_INITIAL, S.KEEPS_INCUMBENT, S.HEEDS_BUDGETS, S.SEVERAL_SAMPLES}
ROUNDS = SCORED | {S.SEVERAL_CALLS, S.MAPS_UTILITY}
CACHED = ROUNDS | {S.CACHES}
PACKAGED = {
    "seed": {S.SEVERAL_SAMPLES, S.SELECTS, S.HEEDS_BUDGETS},
    "early_seed": CACHED,
    "chain_of_thought": set[Strategy](),
    "greedy_iterative": ROUNDS | {S.ITERATES},
    "best_of_n": ROUNDS,
    "genetic": CACHED | {S.ITERATES, S.POPULATION, S.GENETIC, S.CROSSOVER, S.TEMPERATURE},
    "genetic_implicit": CACHED | {S.GENETIC, S.CROSSOVER},
    "beam_search": CACHED | {S.ITERATES, S.POPULATION, S.BEAM, S.TEMPERATURE},
    "beam_search_decay": (CACHED - {S.MAPS_UTILITY})
    | {S.ITERATES, S.POPULATION, S.BEAM, S.TEMPERATURE, S.PARALLEL},
    "part_by_part": CACHED | {S.ITERATES, S.PART_BY_PART},
    "ucb": CACHED | {S.ITERATES, S.POPULATION, S.BANDIT},
    "annealing": CACHED | {S.ANNEALING},
    "bandit": CACHED | {S.ITERATES, S.BANDIT, S.TEMPERATURE},
    "hints": CACHED | {S.ITERATES, S.HINTS},
    "local_search": ROUNDS | {S.ITERATES, S.TEMPERATURE},
    "epsilon_greedy": CACHED | {S.ITERATES, S.POPULATION, S.EPSILON_GREEDY, S.TEMPERATURE},
}
"""Labels of the improvers of the package, as a person reads their programs."""


def labels(program: str) -> set[Strategy]:
    found = strategies_of(program)
    assert found is not None
    return {each.strategy for each in found}


def improver(body: str, before: str = "") -> str:
    indented = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    return (
        f"{before}\ndef improve_algorithm(initial_solution, utility, language_model):\n{indented}"
    )


@pytest.mark.parametrize("name", sorted(PACKAGED.keys() & set(KNOWN)))
def test_packaged_improvers_do_what_a_reader_sees(name: str) -> None:
    assert labels(known_improver(name).text) == PACKAGED[name]


ASK = "replies = language_model.batch_prompt('expert', [f'Improve: {initial_solution}'] * 4, 0.7)"
REFINE = "[c for c in extract_code(language_model.prompt('expert', f'Refine {each}', 5, 0.4)) if c]"
WRITTEN = {
    "beam in a loop, pairs of score and program": (
        """
beam = [(utility(initial_solution), initial_solution)]
for depth in range(3):
    found = list(beam)
    for score, each in beam:
        for code in extract_code(language_model.prompt("expert", f"Refine {each}", 5, 0.4)):
            found.append((utility(code), code))
    found.sort(key=lambda pair: pair[0], reverse=True)
    beam = found[:3]
return beam[0][1]
""",
        {S.BEAM, S.POPULATION, S.ITERATES, S.SEVERAL_CALLS, S.SELECTS, S.EVALUATES_INITIAL},
        {S.GENETIC, S.TEMPERATURE, S.CACHES, S.RETURNS_INPUT, S.EPSILON_GREEDY},
    ),
    "beam by heap": (
        f"""
pool = [initial_solution]
for _ in range(4):
    found = [code for each in pool for code in {REFINE}]
    pool = heapq.nlargest(3, pool + found, key=utility)
return pool[0]
""",
        {S.BEAM, S.POPULATION, S.ITERATES, S.KEEPS_INCUMBENT, S.SELECTS},
        {S.GENETIC, S.RESTARTS},
    ),
    "top one is no population": (
        f"""
pool = [initial_solution]
for _ in range(4):
    found = [code for each in pool for code in {REFINE}]
    pool = sorted(pool + found, key=utility, reverse=True)[:1]
return pool[0]
""",
        {S.ITERATES, S.SELECTS},
        {S.BEAM, S.POPULATION},
    ),
    "crossover of letters": (
        f"""
{ASK}
population = extract_code(replies)
for _ in range(5):
    weights = [utility(each) for each in population]
    first, second = random.choices(population, weights=weights, k=2)
    cut = random.randint(1, len(first))
    population.append(first[:cut] + second[cut:])
return max(population, key=utility)
""",
        {S.GENETIC, S.CROSSOVER, S.SELECTS},
        {S.BEAM, S.PART_BY_PART, S.EPSILON_GREEDY, S.SEVERAL_CALLS, S.ITERATES},
    ),
    "annealing": (
        """
current, score, heat = initial_solution, utility(initial_solution), 1.0
for _ in range(9):
    code = extract_code(language_model.prompt("expert", f"Vary {current}", 1, 0.7))[0]
    new = utility(code)
    if new > score or random.random() < math.exp((new - score) / heat):
        current, score = code, new
    heat *= 0.6
return current
""",
        {S.ANNEALING, S.ITERATES, S.KEEPS_INCUMBENT},
        {S.EPSILON_GREEDY, S.TEMPERATURE, S.SEVERAL_SAMPLES, S.POPULATION},
    ),
    "bandit by counts and means": (
        """
arms = [0.2, 0.7, 1.2]
pulls, gains = [1] * 3, [0.0] * 3
best, top = initial_solution, 0.0
while sum(pulls) < 20:
    arm = max(range(3), key=lambda nth: gains[nth] / pulls[nth])
    code = extract_code(language_model.prompt("expert", f"Better: {best}", 1, arms[arm]))[0]
    score = utility(code)
    pulls[arm] += 1
    gains[arm] += score
    if score > top:
        best, top = code, score
return best
""",
        {S.BANDIT, S.TEMPERATURE, S.ITERATES, S.KEEPS_INCUMBENT},
        {S.EPSILON_GREEDY, S.CACHES, S.STOPS_EARLY},
    ),
    "epsilon-greedy": (
        """
pool = [initial_solution]
for _ in range(9):
    base = random.choice(pool) if random.random() < 0.2 else max(pool, key=utility)
    pool += extract_code(language_model.prompt("expert", f"Better: {base}", 3))
return max(pool, key=utility)
""",
        {S.EPSILON_GREEDY, S.ITERATES, S.SEVERAL_SAMPLES},
        {S.GENETIC, S.ANNEALING, S.TEMPERATURE, S.BEAM},
    ),
    "restarts after vain attempts, and an end": (
        """
best, top, current, level, vain = initial_solution, 0.0, initial_solution, 0.0, 0
for _ in range(20):
    code = extract_code(language_model.prompt("expert", f"Better: {current}"))[0]
    score = utility(code)
    if score > level:
        current, level, vain = code, score, 0
    else:
        vain += 1
    if vain > 3:
        current, level = initial_solution, 0.0
    if score > top:
        best, top = code, score
    if top >= 1.0:
        break
return best
""",
        {S.RESTARTS, S.STOPS_EARLY, S.ITERATES, S.KEEPS_INCUMBENT},
        {S.EVALUATES_INITIAL, S.CACHES, S.POPULATION},
    ),
    "patience": (
        """
best, top, vain = initial_solution, utility(initial_solution), 0
while vain < 3:
    code = extract_code(language_model.prompt("expert", f"Better: {best}"))[0]
    vain += 1
    if utility(code) > top:
        best, top = code, utility(code)
        vain = 0
return best
""",
        {S.STOPS_EARLY, S.ITERATES, S.EVALUATES_INITIAL},
        {S.RESTARTS},
    ),
    "an end for want of budget is not early": (
        """
best, top = initial_solution, 0.0
left = utility.budget
for _ in range(9):
    if left < 1:
        break
    code = extract_code(language_model.prompt("expert", f"Better: {best}"))[0]
    left -= 1
    if utility(code) > top:
        best = code
return best
""",
        {S.HEEDS_BUDGETS, S.SEVERAL_CALLS},
        {S.STOPS_EARLY},
    ),
    "hints, drawn and in turns": (
        """
wishes = ["Use faster loops.", "Choose better data structures.", "Save calls."]
found = [initial_solution]
for nth in range(3):
    message = f"{initial_solution} {wishes[nth % 3]}"
    found += extract_code(language_model.prompt("expert", message))
return max(found, key=utility)
""",
        {S.HINTS, S.KEEPS_INCUMBENT, S.EVALUATES_INITIAL},
        {S.ITERATES, S.TEMPERATURE},
    ),
    "lines of one message are no hints": (
        """
lines = ["You improve programs.", "Here is one that is slow:", initial_solution]
message = "\\n".join(line for line in lines)
return max(extract_code(language_model.prompt("expert", message, 6)), key=utility)
""",
        {S.SELECTS, S.SEVERAL_SAMPLES},
        {S.HINTS, S.SEVERAL_CALLS, S.KEEPS_INCUMBENT},
    ),
    "parts by regular expression": (
        """
best = initial_solution
for block in re.findall(r"def .*?(?=\\ndef |$)", best, re.S):
    new = extract_code(language_model.prompt("expert", f"Improve {block}"))[0]
    if utility(best.replace(block, new)) > utility(best):
        best = best.replace(block, new)
return best
""",
        {S.PART_BY_PART, S.KEEPS_INCUMBENT, S.SEVERAL_CALLS},
        {S.HINTS, S.CROSSOVER, S.CACHES},
    ),
    "a cache and threads": (
        """
known = {}
def score(code):
    if code not in known:
        known[code] = utility(code)
    return known[code]
codes = extract_code(language_model.prompt("expert", f"Better: {initial_solution}", 6))
with ThreadPoolExecutor() as pool:
    scores = list(pool.map(score, codes))
return max(zip(scores, codes))[1]
""",
        {S.CACHES, S.PARALLEL, S.SELECTS},
        {S.SEVERAL_CALLS, S.EVALUATES_INITIAL, S.KEEPS_INCUMBENT, S.BANDIT},
    ),
    "prints and catches": (
        """
try:
    codes = extract_code(language_model.prompt("expert", initial_solution, 6))
    print(len(codes))
except Exception:
    return initial_solution
return max(codes, key=utility)
""",
        {S.PRINTS, S.CATCHES_EVERYTHING},
        {S.RETURNS_INPUT, S.KEEPS_INCUMBENT},
    ),
    "a narrow handler": (
        """
try:
    return extract_code(language_model.prompt("expert", initial_solution))[0]
except (ValueError, KeyError):
    return initial_solution
""",
        set[Strategy](),
        {S.CATCHES_EVERYTHING, S.KEEPS_INCUMBENT, S.SELECTS, S.SEVERAL_SAMPLES, S.RETURNS_INPUT},
    ),
    "returns its input through names": (
        """
codes = extract_code(language_model.prompt("expert", initial_solution))
result = initial_solution
return result
""",
        {S.RETURNS_INPUT},
        {S.KEEPS_INCUMBENT, S.SELECTS, S.SEVERAL_CALLS},
    ),
    "a first score of minus infinity keeps nothing": (
        """
best, top = initial_solution, float("-inf")
for code in extract_code(language_model.prompt("expert", initial_solution, 6)):
    score = utility(code)
    if score > top:
        best, top = code, score
return best
""",
        {S.SELECTS, S.SEVERAL_SAMPLES},
        {S.KEEPS_INCUMBENT, S.EVALUATES_INITIAL, S.SEVERAL_CALLS},
    ),
    "calls in different branches are one call": (
        """
if len(initial_solution) > 99:
    codes = extract_code(language_model.prompt("expert", initial_solution, 6, 0.2))
else:
    codes = extract_code(language_model.prompt("expert", initial_solution, 6, 0.2))
return max(codes, key=utility)
""",
        {S.SELECTS},
        {S.SEVERAL_CALLS, S.TEMPERATURE},
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_programs_of_many_styles_get_their_labels_and_no_wrong_ones(name: str) -> None:
    body, has, lacks = WRITTEN[name]

    found = labels(improver(body))

    assert has - found == set()
    assert lacks & found == set()


def test_the_programs_here_tell_every_strategy_apart() -> None:
    has = [has for _, has, _ in WRITTEN.values()] + [PACKAGED["greedy_iterative"]]
    lacks = [lacks for _, _, lacks in WRITTEN.values()] + [set(Strategy) - PACKAGED["seed"]]

    assert set[Strategy]().union(*has) == set(Strategy)
    assert set[Strategy]().union(*lacks) == set(Strategy) - PACKAGED["seed"] | {
        S.SEVERAL_SAMPLES,
        S.SELECTS,
    }


def test_every_strategy_has_a_predicate_that_says_what_it_asks_for() -> None:
    assert list(PREDICATES) == list(Strategy)
    assert all(predicate.__doc__ for predicate in PREDICATES.values())


def test_findings_name_their_lines() -> None:
    program = improver("print(1)\nreturn initial_solution\n")

    found = strategies_of(program)

    assert found is not None
    assert [(each.strategy, each.lines) for each in found] == [
        (S.RETURNS_INPUT, (4,)),
        (S.PRINTS, (3,)),
    ]
