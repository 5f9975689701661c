-- Follows every file that boxofficectl applies, in the same transaction.
SELECT ops.applied();
