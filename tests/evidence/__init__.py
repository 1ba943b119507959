"""What the headline claims rest on: paired seeds, declared before they were run, one file a claim.

``docs/evidence.md`` has the numbers. The tests marked slow print them anew: ``python -m pytest -m slow -s
tests/evidence``.
"""
