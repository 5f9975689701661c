-- What every script reports at its end: one line of JSON with rates and percentiles (milliseconds).
function done(summary, latency)
	io.write(string.format('{"requests":%d,"seconds":%.6f,"p50":%.3f,"p95":%.3f,"p99":%.3f,' ..
		'"socket_errors":%d,"refused":%d}\n', summary.requests, summary.duration / 1e6,
		latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
		summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
		summary.errors.status))
end
