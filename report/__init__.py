"""The page for people: one HTML file made from the published file alone.

published.py reads the file, charts.py describes the charts, layout.py has breaks, short names and trees,
contents.py joins rows, charts and figures, page.py writes the page; in the browser assets/labels.js places
labels. The texts stand in texts/, one file a language.
"""
