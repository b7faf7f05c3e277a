"""Bundles: a run as a ZIP archive of plain texts, written, and taken in after it is checked."""
