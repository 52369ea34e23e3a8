"""Pages of benefits, by noun and by who reads them."""
