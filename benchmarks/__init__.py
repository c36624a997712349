"""How fast it is, against the least that the same work can cost. Rule: ours and floor in one run."""
