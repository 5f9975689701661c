-- Holds of 1 to 4 free seats, each in the next show. Arguments: file of tokens (line n: user n), shows, seats of each, first
-- group of four seats.
dofile(os.getenv('BENCH') .. '/wrk/report.lua')

function init(args)
	tokens = read_lines(args[1])
	shows, seats = tonumber(args[2]), tonumber(args[3])
	group = tonumber(args[4]) + number
	math.randomseed(group)
	headers = {['Content-Type'] = 'application/json'}
end

function request()
	group = group + 2
	local place = group % (shows * math.floor(seats / 4))
	local first = math.floor(place / shows) * 4
	local list = first
	for no = first + 1, first + math.random(0, 3) do
		list = list .. ',' .. no
	end
	headers['Authorization'] = 'Bearer ' .. tokens[group % #tokens + 1]
	return wrk.format('POST', '/api/shows/' .. place % shows + 1 .. '/holds', headers, '{"seats":[' .. list .. ']}')
end
