"""What an improver program holds in its sandbox: ``utility`` and ``language_model``.

This text runs inside, as the module ``language_model`` of the program (never imported in the host);
it uses nothing of ours. Both objects only pass messages: limits, counters and held-out instances
are the host's, so that whatever a program sets, builds or asks here changes nothing there. What
looks like a try is told to the host, which records it.

Part of the interface is the paper's (figure 2, appendix E): ``utility(solution)``, ``utility.str``,
``utility.budget``, ``language_model.prompt``, ``batch_prompt``, ``max_responses_per_call``,
``budget``. ``utility.map(solutions)`` is ours: it scores many programs at once.
"""

# The host puts call_host(name, *arguments) among the globals of this module.
_call_host = globals()["call_host"]
_allowance = {}


class _Handle:
    """An object whose attributes may be set, in vain."""

    def __setattr__(self, name, value):
        if name in ("budget", "uses", "times_used", "max_responses_per_call", "str"):
            _call_host("attempt", f"set {type(self).__name__}.{name} to {value!r:.80}")
        super().__setattr__(name, value)


class Utility(_Handle):
    """Scores solutions; at most `budget` of them, then the score is 0."""

    def __init__(self):
        vars(self).update(str=_allowance["str"], budget=_allowance["evaluations"], uses=0)
        self.__name__ = "utility"

    def __call__(self, solution=None, *others, **options):
        """Returns the score of a solution, higher is better."""
        if others or options:
            _call_host("attempt", f"called utility with {others!r:.80} {options!r:.80}")
        vars(self)["uses"] += 1
        return _call_host("utility", solution if isinstance(solution, str) else None)

    def map(self, solutions):
        """Returns the scores of several solutions, computed at the same time."""
        texts = [text if isinstance(text, str) else None for text in solutions]
        vars(self)["uses"] += len(texts)
        return _call_host("utility_map", texts)

    def increment_uses(self):
        """Does nothing: every call is counted where it is served."""


class LanguageModel(_Handle):
    """Answers prompts; at most `budget` calls of at most `max_responses_per_call` samples."""

    def __init__(self, *arguments, **options):
        if arguments or options or _allowance["handed out"]:
            asked = f"{arguments!r:.80} {options!r:.80}"
            _call_host("attempt", f"built a new LanguageModel with {asked}")
        vars(self).update(
            budget=_allowance["calls"],
            max_responses_per_call=_allowance["samples"],
            times_used=0,
        )

    def prompt(self, expertise, message, n_responses=1, temperature=0.7):
        """Returns a list of n_responses replies to one message; one call."""
        vars(self)["times_used"] += 1
        return _call_host("prompt", expertise, message, n_responses, temperature)

    def batch_prompt(self, expertise, messages, temperature=0.7):
        """Returns a reply to each message, in order; one call."""
        vars(self)["times_used"] += 1
        return _call_host("batch_prompt", expertise, list(messages), temperature)


def call(function, initial_solution, allowance):
    """Runs the improver: what the host calls."""
    _allowance.update(allowance, **{"handed out": False})
    utility, language_model = Utility(), LanguageModel()
    _allowance["handed out"] = True
    return function(initial_solution, utility, language_model)
