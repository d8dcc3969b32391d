"""Other engines than SQLite: what is copied to them, and whether they say the same."""
