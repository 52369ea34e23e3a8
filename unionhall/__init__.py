"""UnionHall 职工之家: the work of a trade union federation, from the worker's card to the province's figures."""

__version__ = "0.2.0"
