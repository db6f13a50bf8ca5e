"""Scripts of peers. Each runs as a process of its own, in an environment of its own, and imports no saldo."""
