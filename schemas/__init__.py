"""What crosses the network: wire types, kinds, forms and their limits. Rule: msgspec and the standard library only."""
