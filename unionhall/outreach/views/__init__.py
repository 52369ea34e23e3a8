"""Pages of visits: at the desk by noun, on the worker's phone, and for whoever holds a slip."""
