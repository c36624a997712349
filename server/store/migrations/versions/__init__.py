"""The migrations, one topic each, oldest first. Rule: hand-finished; autogenerate is a draft."""
