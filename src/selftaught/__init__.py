"""STOP, the Self-Taught Optimizer."""
