"""Pages of the window, by noun."""
