"""The page for people: one HTML file made from the published file alone.

published.py reads the file, charts.py describes the charts, layout.py places what Vega-Lite cannot place,
contents.py joins rows, charts and figures, page.py writes the page. The texts stand in texts/, one file a
language.
"""
