"""Modules of Python 2: told, translated, and given the meaning that Python 2 gave them."""
