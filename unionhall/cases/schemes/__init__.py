"""Parameters of each kind of case."""
