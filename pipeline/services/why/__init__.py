"""Why something is empty, waits or is behind: headlines, next steps and empty states ask here."""
