"""A run from its experiment to its end: how it is carried out, taken up again, and checked.

The journal of `selftaught.store` is what all of this reads and writes.
"""
