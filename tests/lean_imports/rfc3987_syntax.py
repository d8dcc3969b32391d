"""Stands before the library of this name: as if it were not installed.

`jsonschema`, which dbt imports, takes it for a format of addresses that nothing here checks, and it
builds 38 grammars when it is imported: 1.8 of the 4.5 processor seconds in which a process has
imported dbt. The tests start many. A tool that writes the list of parts brings it along; the
workbench does not.
"""

raise ImportError("the tests do without rfc3987_syntax")
