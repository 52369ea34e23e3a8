"""Addresses of the network: stations for everybody, nodes and the grid at the desk."""

from . import grid, nodes

public = [*nodes.public]
worker = [*nodes.worker, *grid.worker]
desk = [*nodes.desk, *grid.desk]
