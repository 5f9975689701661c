-- Balance. $1 user → balance, currency
SELECT balance, currency FROM account.wallets WHERE user_id = $1
