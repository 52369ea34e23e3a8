"""Faults on purpose: kill -9, full disks, clocks that jump, everyone at once. Nothing lost, nothing doubled."""
