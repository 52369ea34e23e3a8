"""insights 洞察: figures over the tree, drilled down from province to enterprise."""
