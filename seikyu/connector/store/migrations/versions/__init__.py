"""One file for each change of the connector's tables."""
