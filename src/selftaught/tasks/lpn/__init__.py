"""Learning parity with noise (paper, section 5.1).

``paper``: sizes, counts, limits and draws of the research code. ``standard``: its sizes, but a
failed instance costs only itself, and instances are drawn afresh for every session. ``hard``: so
many bits that trying all parities does not fit into the time; at the paper's size that gets 100 %.
"""
