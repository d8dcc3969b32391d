"""Measurements of the project, each a command that prints a table."""
