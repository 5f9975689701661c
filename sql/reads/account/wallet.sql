-- The balance.
-- $1 user_id uuid → balance, currency
SELECT balance, currency FROM account.wallets WHERE /* guard: owner */ user_id = $1
