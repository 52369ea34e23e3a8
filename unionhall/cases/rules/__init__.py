"""Pure decisions, by noun."""
