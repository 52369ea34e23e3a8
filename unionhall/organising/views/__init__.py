"""Pages of organising, one module for each noun and entrance."""
