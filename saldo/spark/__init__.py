"""Apache Spark as the engine of the same models (docs/how-to/run-on-spark.md)."""
