-- What every script begins with: threads that know their number, and one line of JSON with rates and percentiles
-- (milliseconds) at the end.
local threads = 0

function setup(thread)
	thread:set('number', threads)
	threads = threads + 1
end

function read_lines(path)
	local lines = {}
	for line in io.lines(path) do
		lines[#lines + 1] = line
	end
	return lines
end

function done(summary, latency)
	io.write(string.format('{"requests":%d,"seconds":%.6f,"p50":%.3f,"p95":%.3f,"p99":%.3f,' ..
		'"socket_errors":%d,"refused":%d}\n', summary.requests, summary.duration / 1e6,
		latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
		summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
		summary.errors.status))
end
