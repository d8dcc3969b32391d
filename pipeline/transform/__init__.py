"""The only code that knows dbt: one transaction around a whole run, layers built, results as small
records.
"""
