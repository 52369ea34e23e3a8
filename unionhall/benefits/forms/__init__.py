"""Forms of benefits, by noun."""
