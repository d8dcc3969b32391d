"""Steps and their order, one run at a time under one lock, and the worker process that outlives a
browser tab.
"""
