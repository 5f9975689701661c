-- Holds of 1 to 4 seats. Arguments: file of tokens (line n: user n), "free", "wide" or "hot", first group of four seats.
-- free: each request the next four seats of shows 1 to 100, in turn by thread; wide: of the next show. hot: anywhere in show 101.
dofile(os.getenv('BENCH') .. '/wrk/report.lua')

function init(args)
	tokens = read_lines(args[1])
	is_hot, is_wide = args[2] == 'hot', args[2] == 'wide'
	group = tonumber(args[3]) + number
	math.randomseed(tonumber(args[3]) * 64 + number + 1)
	headers = {['Content-Type'] = 'application/json'}
end

function request()
	local first, show, user
	if is_hot then
		first, show, user = math.random(0, 96), 101, math.random(#tokens)
	else
		group = group + 2
		local place = group % 100000
		first, show = place % 1000 * 4, math.floor(place / 1000) + 1
		-- The next time round it is another buyer of that show: what one keeps without paying rests for him.
		user = (group + math.floor(group / 100000) * 1000) % #tokens + 1
		if is_wide then
			-- In a show each buyer once, or his limit would refuse him.
			user = (group + math.floor(place / 10000)) % #tokens + 1
			first, show = math.floor(place / 100) * 4, place % 100 + 1
		end
	end
	local seats = first
	for no = first + 1, first + math.random(0, 3) do
		seats = seats .. ',' .. no
	end
	headers['Authorization'] = 'Bearer ' .. tokens[user]
	return wrk.format('POST', '/api/shows/' .. show .. '/holds', headers, '{"seats":[' .. seats .. ']}')
end
