-- Any of some addresses. Arguments: file of paths.
dofile(os.getenv('BENCH') .. '/wrk/report.lua')

function init(args)
	paths = read_lines(args[1])
	math.randomseed(number + 1)
end

function request()
	return wrk.format('GET', paths[math.random(#paths)])
end
