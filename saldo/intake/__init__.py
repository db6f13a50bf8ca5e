"""Reads release files by declared layouts into canonical rows, or refuses them with a reason."""
