"""Pages of members, one module for each noun and entrance."""
