"""What is at rest. Rule: functions take `tx` first; they never begin, end or undo a transaction."""
