"""The record types of the world that no venue owns: clock, tokens, chains, cohorts, and the log's events."""

from sim.records import record

CLOCK = record(
    "seconds slot_seconds",
    "slot seed first_recorded_slot audit_every_blocks n_assets n_feeds n_pools n_chains cash_asset "
    "is_trading has_pool_depth has_oracle_lag has_keeper_friction records_vault_events",
)

# venue_row: the pool or reserve that stands behind a claim
TOKEN = record("value_usd protocol_value_usd", "kind asset issuer venue_row chain decimals")

UNDERLYING, RECEIPT_TOKEN, DEBT_TOKEN, LP_TOKEN, SHARE_TOKEN, STANDING_TOKEN, POSITION_TOKEN = (
    range(7)
)
TOKEN_KINDS = ("underlying", "receipt", "debt", "lp", "share", "standing", "position")

# Kinds of pool, of lending market and of module: whose rules a row of POOL, MARKET or REDEMPTION follows.
CONSTANT_PRODUCT, CONCENTRATED, STABLE_SWAP, WEIGHTED, BAND_POOL = 0, 1, 2, 3, 4
POOLED, ISOLATED, CDP, BANDS = 0, 1, 2, 3
PEG_MODULE, ISSUER, STAKED_TOKEN, MINT_AND_BURN = 0, 1, 2, 3  # kinds of redemption module

EIP1559, FIRST_PRICE = 0, 1
FIRST_PRICE_MARGIN = (
    1.125  # a bid over the going price: an eighth, as much as EIP-1559 could add in a block
)

CHAIN = record(
    "gas_limit gas_target base_fee_gwei reference_fee_gwei demand_elasticity demand_noise "
    "demand_multiple gas_used background_gas fees_burned tips_paid paid_base_fee_gwei",
    "builder native_token native_asset fee_market has_gas pending sequence demand_stream "
    "submitted executed reverted expired refused waiting ordered_from partings",
)

COHORT = record(
    "positions_per_row attention_fraction max_slippage_fraction max_fee_multiple tip_gwei "
    "min_trade_usd nav_usd nav_protocol_usd debt_usd collateral_usd debt_repaid_usd deficit_usd min_health "
    "uncovered_usd volume_usd alive_fraction stay_fraction phase_fraction "
    "threshold_fraction bonus_fraction",
    "role strategy purpose group first_account n_rows asset token cash_token native_token native_is_token "
    "index n_pools share_token market collateral_reserve debt_reserve "
    "latency_slots interval_slots patience_blocks settlement_slots stream is_python "
    "cash_asset share_vault redemption first_custody "
    "triggers submitted executed reverted expired liquidated at_risk "
    "bids wins losses no_profit no_cash no_gas_money prior_duty",
)

EVENT = record(
    "token_amount amount_out usd oracle_price_usd market_price_usd health_before impact deficit_usd "
    "gas_eth trigger_price_usd trigger_impact",
    "block sequence kind chain venue account counterparty token status cause cohort "
    "submitted_block trigger_block is_endogenous",
)

# Of each asset: what the inside holds, and what its price has done to that since the recorded start.
WEALTH = record(
    "inside inside_at_start price_at_start_usd market_price_at_start_usd last_price_usd timing_usd"
)
