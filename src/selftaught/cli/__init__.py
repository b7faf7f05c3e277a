"""The command line: one file per command.

Commands import the engine inside their functions: `selftaught --help` must answer at once.
"""
