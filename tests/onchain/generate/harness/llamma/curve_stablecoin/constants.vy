# pragma version 0.4.3
WAD: constant(uint256) = 10**18
MAX_TICKS: constant(int256) = 50
MAX_TICKS_UINT: constant(uint256) = 50
MIN_TICKS_UINT: constant(uint256) = 4
DEAD_SHARES: constant(uint256) = 1000
MAX_SKIP_TICKS: constant(int256) = 1024
MAX_SKIP_TICKS_UINT: constant(uint256) = 1024
