import ast
from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Improve one function of the program after the other, and keep what makes the whole better.

    Improvement by parts (paper, section 6.1, figure A.12). There a regular expression looked for
    the parts; here the syntax tree tells them, and what a new version needs comes along with it.
    """
    expertise = "You are a software engineer who improves programs one part at a time."
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    parts = (ast.FunctionDef, ast.ClassDef)
    needs = (*parts, ast.Import, ast.ImportFrom, ast.Assign)

    def lines_of(program, kinds):
        """Map each statement at the top level of a program to its first and last line."""
        found = {}
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            for node in ast.parse(program).body:
                if isinstance(node, kinds) and getattr(node, "module", "") != "__future__":
                    name = node.name if isinstance(node, parts) else ast.unparse(node)
                    starts = [each.lineno for each in getattr(node, "decorator_list", [])]
                    found[name] = (min([node.lineno, *starts]) - 1, node.end_lineno)
        return found

    def replaced(program, name, reply):
        """Put the reply's version of a part, and what the program lacks, in the old one's place."""
        new, known = lines_of(reply, needs), lines_of(program, needs)
        if name is None or name not in new:
            return reply if name is None else program
        lines, other = program.split("\n"), reply.split("\n")
        block = []
        for each, (first, last) in new.items():
            if each == name or each not in known:
                block += [*other[first:last], ""]
        return "\n".join([*lines[: known[name][0]], *block[:-1], *lines[known[name][1] :]])

    def ask_for(program, name):
        first, last = lines_of(program, parts).get(name, (0, None))
        part = "\n".join(program.split("\n")[first:last])
        whole = f"It is part of this program:\n```python\n{program}\n```\n\n"
        return f"""Here is {name or "the whole"} of a solution to a problem:
```python
{part}
```

{whole if part.strip() != program.strip() else ""}Quality is measured by this utility:
```python
{utility.str}
```

Write a better version of {name or "it"} and leave everything else as it is. State your idea first,
then give the code of {name or "the program"}, with the imports that it needs."""

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for turn in range(min(language_model.budget, 200)):  # a budget may be without end
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            best = max(scores, key=scores.get)
            names = list(lines_of(best, parts)) or [None]
            name = names[turn % len(names)]
            messages = [ask_for(best, name)] * count
            replies = language_model.batch_prompt(expertise, messages, temperature=0.7)
            found = [code for code in extract_code(replies) if code and len(code) < 100_000]
            new = dict.fromkeys(replaced(best, name, code) for code in found)
            new = [program for program in new if program not in scores]
            scores.update(zip(new, utility.map(new)))
    return max(scores, key=scores.get)
