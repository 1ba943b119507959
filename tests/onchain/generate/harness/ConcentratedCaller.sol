// SPDX-License-Identifier: MIT
pragma solidity 0.7.6;

import "@uniswap/v3-core/contracts/interfaces/IUniswapV3Pool.sol";
import "@uniswap/v3-core/contracts/libraries/TickMath.sol";

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
}

/// A trader and liquidity provider: holds both tokens, and pays when the pool calls back.
contract ConcentratedCaller {
    function add(IUniswapV3Pool pool, int24 lower, int24 upper, uint128 liquidity)
        external
        returns (uint256 amount0, uint256 amount1)
    {
        return pool.mint(address(this), lower, upper, liquidity, abi.encode(pool));
    }

    /// Burn and collect in one transaction: what the liquidity was worth, and the fees.
    function remove(IUniswapV3Pool pool, int24 lower, int24 upper, uint128 liquidity)
        external
        returns (uint128 paid0, uint128 paid1)
    {
        pool.burn(lower, upper, liquidity);
        (paid0, paid1) = pool.collect(address(this), lower, upper, type(uint128).max, type(uint128).max);
    }

    function swap(IUniswapV3Pool pool, bool zeroForOne, int256 amount, uint160 limit)
        external
        returns (int256 amount0, int256 amount1)
    {
        return pool.swap(address(this), zeroForOne, amount, limit, abi.encode(pool));
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external {
        pay(data, int256(amount0), int256(amount1));
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        pay(data, amount0, amount1);
    }

    function pay(bytes calldata data, int256 amount0, int256 amount1) private {
        IUniswapV3Pool pool = abi.decode(data, (IUniswapV3Pool));
        if (amount0 > 0) IToken(pool.token0()).transfer(address(pool), uint256(amount0));
        if (amount1 > 0) IToken(pool.token1()).transfer(address(pool), uint256(amount1));
    }

    function sqrtPriceAt(int24 tick) external pure returns (uint160) {
        return TickMath.getSqrtRatioAtTick(tick);
    }

    function tickAt(uint160 sqrtPrice) external pure returns (int24) {
        return TickMath.getTickAtSqrtRatio(sqrtPrice);
    }
}
