"""Forms of the network, by noun."""
