"""Measurements against peers. Each writes one file of `results/`; `report` prints them as one table."""
