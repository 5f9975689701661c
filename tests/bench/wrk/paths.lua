-- Any of some addresses. Arguments: file of paths.
dofile(os.getenv('BENCH') .. '/wrk/report.lua')
local threads = 0

function setup(thread)
	thread:set('number', threads)
	threads = threads + 1
end

function init(args)
	paths = {}
	for line in io.lines(args[1]) do
		paths[#paths + 1] = line
	end
	math.randomseed(number + 1)
end

function request()
	return wrk.format('GET', paths[math.random(#paths)])
end
