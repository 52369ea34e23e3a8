"""Pushing events to clients: where to (addresses), how (sending), which and when (delivering)."""
