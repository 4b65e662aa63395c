"""The versions of the connector's tables, in the order in which they are applied."""
