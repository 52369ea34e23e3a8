"""Pure rules of the network: when a place is open, how far it is, whether a checklist is met."""
