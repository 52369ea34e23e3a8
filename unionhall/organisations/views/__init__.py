"""Pages of the tree: browsing at the desk, changing it, and finding a union in public."""
