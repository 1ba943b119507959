// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// What an oracle of Maker says: a price with 18 digits, and that it has one.
contract Price {
    uint256 public price;

    function set(uint256 value) external { price = value; }

    function peek() external view returns (bytes32, bool) { return (bytes32(price), true); }
}
