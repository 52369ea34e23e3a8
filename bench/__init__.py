"""Figures of this system against their baselines, in the same run: `make bench`, or `python -m bench --help`."""
