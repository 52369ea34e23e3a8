"""Nouns of benefits, by file. A file in progress is imported here together with its migration."""
