"""The verbs of the window, by noun. Each is atomic and journalled; the first argument is the actor."""
