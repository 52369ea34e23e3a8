"""Pages of records, one module for each noun."""
