"""The only code that opens a database: the warehouse, the control file and one repository a control
table.
"""
