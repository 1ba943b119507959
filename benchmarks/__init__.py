"""How fast the engine is, measured side by side in one run: ``python -m benchmarks [--quick]``."""
