"""What writes the marked blocks: one module a subject, each a function that returns Markdown."""
