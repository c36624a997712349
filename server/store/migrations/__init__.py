"""One history of the schema for both databases. Rule: forward only; a released migration never changes."""
