"""The site as it is served, with the baselines' addresses beside its own."""
