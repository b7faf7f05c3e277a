"""Tasks of a user's own, read from files: a folder, or one file that holds all."""
