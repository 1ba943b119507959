# pragma version 0.4.3
from curve_std.interfaces import IERC20

@internal
def max_approve(_token: IERC20, _spender: address):
    assert extcall _token.approve(_spender, max_value(uint256), default_return_value=True)

@internal
def transfer_from(_token: IERC20, _from: address, _to: address, _amount: uint256):
    if _amount > 0:
        assert extcall _token.transferFrom(_from, _to, _amount, default_return_value=True)

@internal
def transfer(_token: IERC20, _to: address, _amount: uint256):
    if _amount > 0:
        assert extcall _token.transfer(_to, _amount, default_return_value=True)
