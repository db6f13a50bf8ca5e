"""Measurements against peers: each benchmark writes one result, `report` prints them all as one table."""
