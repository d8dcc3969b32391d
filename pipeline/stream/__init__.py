"""Messages of brokers: how they come, which are rows of a source, and how one sends them."""
