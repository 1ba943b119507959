// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// A token whose balances are set at will; every spender is approved.
contract Token {
    mapping(address => uint256) public balanceOf;
    uint256 public totalSupply;
    uint8 public immutable decimals;
    string public constant name = "token";
    string public constant symbol = "token";

    constructor(uint8 decimals_) { decimals = decimals_; }

    function set(address account, uint256 amount) external {
        totalSupply = totalSupply - balanceOf[account] + amount;
        balanceOf[account] = amount;
    }

    function approve(address, uint256) external pure returns (bool) { return true; }

    function allowance(address, address) external pure returns (uint256) { return type(uint256).max; }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        require(balanceOf[from] >= amount, "insufficient balance");
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

/// Prices that are set at will: one an asset for Aave, one for a market of Morpho.
contract Oracle {
    mapping(address => uint256) public getAssetPrice;
    uint256 public price;

    function setAssetPrice(address asset, uint256 value) external { getAssetPrice[asset] = value; }

    function setPrice(uint256 value) external { price = value; }
}

interface Lender { function flashLoan(address, uint256, bytes calldata) external; }

/// Takes a flash loan, gives `kept` of it away and lets the lender take back what there is.
contract FlashBorrower {
    uint256 public kept;

    function keep(uint256 amount) external { kept = amount; }

    function borrow(address lender, address asset, uint256 amount) external {
        Lender(lender).flashLoan(asset, amount, abi.encode(asset));
    }

    function executeOperation(address asset, uint256, uint256, address, bytes calldata)
        external returns (bool)
    {
        _give(asset);
        return true;
    }

    function onMorphoFlashLoan(uint256, bytes calldata data) external { _give(abi.decode(data, (address))); }

    function _give(address asset) private {
        if (kept > 0) Token(asset).transfer(address(1), kept);
    }
}

/// Many views in one call: their answers one after the other.
contract Reader {
    function read(address[] calldata targets, bytes[] calldata calls)
        external view returns (bytes memory answers)
    {
        for (uint256 i = 0; i < calls.length; i++) {
            (bool done, bytes memory answer) = targets[i].staticcall(calls[i]);
            require(done, "a view has reverted");
            answers = bytes.concat(answers, answer);
        }
    }
}
