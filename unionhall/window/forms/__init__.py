"""Forms of the window, by noun."""
