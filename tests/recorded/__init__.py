"""Exchanges that were written down, in documentation or from a released version, played again."""
