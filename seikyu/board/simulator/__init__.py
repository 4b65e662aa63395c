"""An application of our own that behaves as board's API does, for the sandbox and the tests."""
