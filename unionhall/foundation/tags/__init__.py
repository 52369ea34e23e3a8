"""The tags of `ui`, by what they are about."""
