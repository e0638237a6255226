"""The layout of results.json: what hosts have in common once, and a line for each host."""
