// SPDX-License-Identifier: MIT
pragma solidity ^0.7.0;
pragma experimental ABIEncoderV2;

import "@balancer-labs/v2-pool-weighted/contracts/WeightedMath.sol";

/// A pool around the library's mathematics: balances, shares and the fee, in the order in which
/// BaseWeightedPool and BasePool take them. No vault, no protocol fee.
contract WeightedPoolOfMath is WeightedMath {
    using FixedPoint for uint256;

    uint256[] public balances; // in base units, as the tokens have them
    uint256[] public weights;
    uint256[] public scaling; // to 18 decimals
    uint256 public fee;
    uint256 public supply;

    constructor(uint256[] memory balances_, uint256[] memory weights_, uint256[] memory scaling_, uint256 fee_) {
        balances = balances_;
        weights = weights_;
        scaling = scaling_;
        fee = fee_;
        supply = Math.mul(_calculateInvariant(weights_, scaled(balances_)), balances_.length);
    }

    function reserves() external view returns (uint256[] memory) {
        return balances;
    }

    function give(uint256 i, uint256 amount) external {
        balances[i] = balances[i].add(amount);
    }

    function sell(uint256 i, uint256 j, uint256 amount, uint256 least) external returns (uint256 bought) {
        uint256 charged = amount.sub(amount.mulUp(fee));
        bought = _calcOutGivenIn(up(i), weights[i], up(j), weights[j], Math.mul(charged, scaling[i])) / scaling[j];
        _require(bought >= least, Errors.SWAP_LIMIT);
        balances[i] = balances[i].add(amount);
        balances[j] = balances[j].sub(bought);
    }

    function buy(uint256 i, uint256 j, uint256 amount, uint256 most) external returns (uint256 paid) {
        paid = _calcInGivenOut(up(i), weights[i], up(j), weights[j], Math.mul(amount, scaling[j]));
        paid = Math.divUp(paid, scaling[i]).divUp(FixedPoint.ONE.sub(fee));
        _require(paid <= most, Errors.SWAP_LIMIT);
        balances[i] = balances[i].add(paid);
        balances[j] = balances[j].sub(amount);
    }

    function add(uint256[] memory amounts, uint256 least) external returns (uint256 shares) {
        shares = _calcBptOutGivenExactTokensIn(scaled(balances), weights, scaled(amounts), supply, fee);
        _require(shares >= least, Errors.BPT_OUT_MIN_AMOUNT);
        for (uint256 i = 0; i < amounts.length; i++) balances[i] = balances[i].add(amounts[i]);
        supply = supply.add(shares);
    }

    function addOne(uint256 i, uint256 shares, uint256 most) external returns (uint256 paid) {
        paid = Math.divUp(_calcTokenInGivenExactBptOut(up(i), weights[i], shares, supply, fee), scaling[i]);
        _require(paid <= most, Errors.JOIN_ABOVE_MAX);
        balances[i] = balances[i].add(paid);
        supply = supply.add(shares);
    }

    function remove(uint256 shares) external returns (uint256[] memory paid) {
        paid = _calcTokensOutGivenExactBptIn(scaled(balances), shares, supply);
        for (uint256 i = 0; i < paid.length; i++) {
            paid[i] = paid[i] / scaling[i];
            balances[i] = balances[i].sub(paid[i]);
        }
        supply = supply.sub(shares);
    }

    function removeOne(uint256 i, uint256 shares, uint256 least) external returns (uint256 paid) {
        paid = _calcTokenOutGivenExactBptIn(up(i), weights[i], shares, supply, fee) / scaling[i];
        _require(paid >= least, Errors.EXIT_BELOW_MIN);
        balances[i] = balances[i].sub(paid);
        supply = supply.sub(shares);
    }

    function removeAmounts(uint256[] memory amounts, uint256 most) external returns (uint256 shares) {
        shares = _calcBptInGivenExactTokensOut(scaled(balances), weights, scaled(amounts), supply, fee);
        _require(shares <= most, Errors.BPT_IN_MAX_AMOUNT);
        for (uint256 i = 0; i < amounts.length; i++) balances[i] = balances[i].sub(amounts[i]);
        supply = supply.sub(shares);
    }

    function up(uint256 i) private view returns (uint256) {
        return Math.mul(balances[i], scaling[i]);
    }

    function scaled(uint256[] memory amounts) private view returns (uint256[] memory found) {
        found = new uint256[](amounts.length);
        for (uint256 i = 0; i < amounts.length; i++) found[i] = Math.mul(amounts[i], scaling[i]);
    }
}
