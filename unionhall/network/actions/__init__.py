"""Verbs of the network, by noun: nodes, states, staffing, plans, importing, grid."""
