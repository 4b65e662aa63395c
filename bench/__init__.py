"""What Seikyu costs, as ratios beside floors: `python -m bench`, see docs/internals/performance.md."""
