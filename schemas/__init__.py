"""What crosses the network, and its limits. Rule: msgspec and the standard library only."""
