"""Documentation: pages written by hand, with blocks between markers that `python -m docs.make`
writes.
"""
