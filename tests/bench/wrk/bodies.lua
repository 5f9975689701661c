-- Holds in one show, with the lines of a file as bodies, one after the other. Arguments: file of tokens (line n: user n), file
-- of bodies, a number: the odd users ask if it is odd, else the even ones, each in turn at random.
dofile(os.getenv('BENCH') .. '/wrk/report.lua')

function init(args)
	tokens, bodies = read_lines(args[1]), read_lines(args[2])
	seed = tonumber(args[3])
	n = number * math.floor(#bodies / 2)
	math.randomseed(seed * 64 + number + 1)
	headers = {['Content-Type'] = 'application/json'}
end

function request()
	n = n + 1
	headers['Authorization'] = 'Bearer ' .. tokens[2 * math.random(math.floor(#tokens / 2)) - seed % 2]
	return wrk.format('POST', nil, headers, bodies[n % #bodies + 1])
end
