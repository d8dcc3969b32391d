"""What a build found: ledger, rule results, and repairs to suggest, read from the warehouse."""
