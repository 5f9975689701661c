-- Holds in one show, with the lines of a file as bodies, one after the other. Arguments: file of tokens (line n: user n), file
-- of bodies.
dofile(os.getenv('BENCH') .. '/wrk/report.lua')

function init(args)
	tokens, bodies = read_lines(args[1]), read_lines(args[2])
	n = number * math.floor(#bodies / 2)
	math.randomseed(number + 1)
	headers = {['Content-Type'] = 'application/json'}
end

function request()
	n = n + 1
	headers['Authorization'] = 'Bearer ' .. tokens[math.random(#tokens)]
	return wrk.format('POST', nil, headers, bodies[n % #bodies + 1])
end
