"""Pages of the entrances: demo, desk home, settings, operations; worker and public home."""
