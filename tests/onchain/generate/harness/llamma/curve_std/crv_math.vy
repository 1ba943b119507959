# pragma version 0.4.3
@internal
@pure
def sub_or_zero(_a: uint256, _b: uint256) -> uint256:
    return unsafe_sub(max(_a, _b), _b)
