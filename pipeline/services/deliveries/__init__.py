"""Deliveries: the files that came together, what became of their rows, and the score of senders."""
