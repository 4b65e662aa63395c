"""The examples, run as they are against an engine."""
