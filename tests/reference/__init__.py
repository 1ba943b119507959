"""The reference model: the rules of the engine in plain, slow Python, to be read from top to bottom.

It is the executable specification. Accounts are dictionaries, venues and agents are objects, a reverted
transaction is an exception. It shares with the engine nothing but the formulas and the units: it takes the
world at birth and the draws of the outside as plain data, runs on its own, and must arrive at the same bits.

Read ``model.py`` first: it has a block in its order.
"""
