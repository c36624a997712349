"""How fast it is, against the least that the same work costs. Rule: ours and floor in one run."""
