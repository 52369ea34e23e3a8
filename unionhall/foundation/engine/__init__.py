"""Our database engine: Django's for PostgreSQL, but for what a request costs before its first statement."""
