# pragma version 0.4.3
# The oracle of an AMM: says what it was told.

price: public(uint256)


@deploy
def __init__(_price: uint256):
    self.price = _price


@external
def set_price(_price: uint256):
    self.price = _price


@external
def price_w() -> uint256:
    return self.price
