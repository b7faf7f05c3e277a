"""The embedded model `editor`: a program editor, not a neural network.

It answers the same chat prompts as any language model, by reading the programs in them and editing
them as syntax trees: no key, no network, no weights. From message to reply:

- `prompt` reads which programs are parents, which one is the scorer, and what mood is asked for;
- `engine` makes a few edits to one parent, and `checks` refuses what a reader would refuse;
- the edits are in `small_edits` (numbers, operators, statements) and in ideas for four kinds of
  program: `search_ideas` (answers that can be rated), `learning_ideas` (learning names from
  examples, by the rules of `grammar`), `fitting_ideas` (learning numbers) and `improver_rounds`,
  `improver_calls`, `improver_memory` and `improver_requests` (programs that ask a generator and a
  scorer, in the habits of `improver_habits`); `crossover` combines two programs;
- `slips` breaks a reply now and then, as models do.

No idea names a task, keys on its identifiers or contains an answer to it.
"""

from selftaught.language_models.editor.model import Editor

__all__ = ["Editor"]
