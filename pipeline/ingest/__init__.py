"""From delivered bytes to raw rows: encoding, dialect, header, rows, one transaction a file."""
