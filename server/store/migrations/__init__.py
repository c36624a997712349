"""One history of the schema for both databases. Rule: forward only; released ones never change."""
