"""Pages of the network, by entrance."""
