"""Files that are written for a user; NAME in them stands for the name that was chosen."""
