"""Pages of access: signing in and out, and the desk's accounts and grants."""
