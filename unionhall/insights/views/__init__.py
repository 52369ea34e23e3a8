"""Pages of figures: the dashboard and its parts, its printed form and export, the screen on the wall."""
