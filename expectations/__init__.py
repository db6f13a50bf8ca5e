"""Great Expectations suites over the finished marts: totals, completeness and plausibility.

`runner.run` is the entry. Keys, relationships, accepted values and grain are dbt tests and not repeated here.
"""
