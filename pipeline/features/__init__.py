"""Features: registry from the models' YAML, retrieval, drift, export."""
