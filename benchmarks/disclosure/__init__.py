"""Attacks on everything that the product shows and exports: what may not be known must not follow
from it.

    python -m benchmarks.disclosure [--home HOME] [--seed 7]
"""
