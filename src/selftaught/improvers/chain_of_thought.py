import ast

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Ask once for one solution, reasoned out step by step, and return it without scoring it.

    The baseline that the paper's third version adds to section 5.1: one attempt, no call of the
    utility. There an attempt with an error was left out of the mean; here what does not parse, or
    defines none of the initial solution's functions, gives way to the initial solution.
    """
    expertise = "You are a careful programmer who thinks a problem through before writing code."
    message = f"""Here is a solution to a problem:
```python
{initial_solution}
```

Its quality is measured by this utility:
```python
{utility.str}
```

Write a better solution. Think step by step: say what the utility rewards, what keeps the present
solution from scoring higher, which approaches could do better, and which of them you choose and
why. Then give the whole program."""

    def functions_of(program):
        try:
            body = ast.parse(program).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return set()
        return {node.name for node in body if isinstance(node, ast.FunctionDef)}

    try:
        code = extract_code(language_model.prompt(expertise, message, 1, temperature=0.7)[0])
    except RuntimeError:  # a limit that was not announced
        return initial_solution
    if not code or len(code) > 100_000:
        return initial_solution
    return code if functions_of(code) & functions_of(initial_solution) else initial_solution
