"""The command `saldo`: checks the inputs, builds in private, audits, and publishes one file."""

__version__ = "0.1.0"
