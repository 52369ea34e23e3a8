"""Jobs of cases."""
