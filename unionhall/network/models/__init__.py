"""Nouns of the network: nodes, plans, the grid."""

from .grid import GridCell, GridItem, GridItemQuerySet, GridStep, GridUnit, GridWorker
from .nodes import (
    LEVELS,
    RECEIVING,
    Node,
    NodeAcceptance,
    NodeEvent,
    NodeException,
    NodeHours,
    NodeQuerySet,
    NodeStaff,
)
from .plans import NetworkPlan, NodeImport, PlanTarget

__all__ = [
    "LEVELS",
    "RECEIVING",
    "GridCell",
    "GridItem",
    "GridItemQuerySet",
    "GridStep",
    "GridUnit",
    "GridWorker",
    "NetworkPlan",
    "Node",
    "NodeAcceptance",
    "NodeEvent",
    "NodeException",
    "NodeHours",
    "NodeImport",
    "NodeQuerySet",
    "NodeStaff",
    "PlanTarget",
]
