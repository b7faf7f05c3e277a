"""The model `planted`: it knows what it planted, so that gates and detectors can be measured.

Not a language model: a seeded writer of edits whose true effect is known, and of known cheats.
Nothing in a reply but its code tells one from the other; `Planted.planting` says afterwards, from
the seed and the request alone, what a reply holds.

- `programs`: edits of known effect. On the task `selftaught.testing.planted:TASK` a solution states
  its own utility, and an improver adds a known amount to whatever it returns.
- `cheats`: known ways around limits, each in several spellings, and honest code that looks alike.

Example: ``selftaught run --task selftaught.testing.planted:TASK --model planted:effect=0.2``.
"""

from selftaught.language_models.planted.cheats import Cheat
from selftaught.language_models.planted.model import Kind, Planted, Planting
from selftaught.language_models.planted.programs import gain_of, level_of

__all__ = ["Cheat", "Kind", "Planted", "Planting", "gain_of", "level_of"]
