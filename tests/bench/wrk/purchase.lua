-- Hold, order, pay, over and over. One connection a thread (wrk -t40 -c40), so that an answer is the one to the request
-- before it. Arguments: file of tokens, first pair of seats, threads (a divisor of the number of tokens). Pairs of shows
-- 103 to 122, each with its own buyer.
dofile(os.getenv('BENCH') .. '/wrk/report.lua')
local threads = {}

function setup(thread)
	thread:set('number', #threads)
	threads[#threads + 1] = thread
end

function init(args)
	stride = tonumber(args[3])
	-- Every pair of a thread is `number` more than a multiple of the stride: it needs no other buyers.
	tokens = {}
	local user = 0
	for line in io.lines(args[1]) do
		if user % stride == number then
			tokens[user] = line
		end
		user = user + 1
	end
	pair = tonumber(args[2]) + number
	step, paid, lost = 'hold', 0, 0
	headers = {['Content-Type'] = 'application/json'}
end

function request()
	if step == 'hold' then
		pair = pair + stride
		local seat = pair * 2 % 20000
		base = '/api/shows/' .. 103 + math.floor(pair / 10000) % 20
		headers['Authorization'] = 'Bearer ' .. tokens[pair % 10000]
		return wrk.format('POST', base .. '/holds', headers, '{"seats":[' .. seat .. ',' .. seat + 1 .. ']}')
	elseif step == 'order' then
		headers['Idempotency-Key'] = 'order-' .. pair
		return wrk.format('POST', base .. '/orders', headers, '{"hold_id":"' .. id .. '"}')
	end
	headers['Idempotency-Key'] = 'pay-' .. pair
	return wrk.format('POST', base .. '/orders/' .. id .. '/payments', headers, '{"method":"wallet"}')
end

function response(status, _, body)
	if step == 'pay' then
		paid = paid + (status == 200 and 1 or 0)
		lost = lost + (status == 200 and 0 or 1)
		step = 'hold'
	elseif status ~= 201 then
		lost, step = lost + 1, 'hold'
	else
		id = string.match(body, '"id":"([^"]+)"')
		step = step == 'hold' and 'order' or 'pay'
	end
end

local report = done
function done(summary, latency)
	local paid, lost = 0, 0
	for _, thread in ipairs(threads) do
		paid, lost = paid + thread:get('paid'), lost + thread:get('lost')
	end
	io.write(string.format('{"paid":%d,"lost":%d}\n', paid, lost))
	report(summary, latency)
end
