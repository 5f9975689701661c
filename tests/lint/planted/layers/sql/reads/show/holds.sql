-- Beside account.users, which a comment may name.
SELECT show_id FROM show.holds
JOIN account.users USING (user_id)
