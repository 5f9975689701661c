-- Mixed requests for wrk: good and refused, reads and writes, with and without a token.
-- Arguments: file of tokens (one a line), show id, capacity, layout id.
local tokens, show, capacity, layout = {}, 0, 0, 0

function init(args)
	for line in io.lines(args[1]) do
		tokens[#tokens + 1] = line
	end
	show, capacity, layout = args[2], tonumber(args[3]), args[4]
	math.randomseed(20261121)
end

local function headers(body)
	local made = { ["Authorization"] = "Bearer " .. tokens[math.random(#tokens)] }
	if body then
		made["Content-Type"] = "application/json"
		made["Idempotency-Key"] = tostring(math.random(1e12))
	end
	return made
end

local kinds = {
	function() return wrk.format("GET", "/api/me", headers()) end,
	function() return wrk.format("GET", "/api/me/wallet", headers()) end,
	function() return wrk.format("GET", "/api/me/orders?limit=5", headers()) end,
	function() return wrk.format("GET", "/api/me/wallet/entries", headers()) end,
	function() return wrk.format("GET", "/api/events?q=" .. math.random(1e9)) end,
	function() return wrk.format("GET", "/api/shows/" .. show) end,
	function() return wrk.format("GET", "/api/shows/" .. math.random(1e6, 2e9)) end,
	-- No HEAD: wrk would wait for a body.
	function() return wrk.format("GET", "/api/layouts/" .. layout .. "?n=" .. math.random(1e9)) end,
	function() return wrk.format("GET", "/api/shows/" .. show .. "/availability") end,
	function() return wrk.format("GET", "/api/nothing/" .. math.random(1e6)) end,
	function() return wrk.format("GET", "/api/me", { ["Authorization"] = "Bearer nonsense" }) end,
	function() return wrk.format("POST", "/api/me/wallet/charges", headers(1), '{"amount":1}') end,
	function() return wrk.format("POST", "/api/me/wallet/charges", headers(1), '{"amount":"x","y":[1,2') end,
	function()
		return wrk.format("POST", "/api/me/wallet/charges", headers(1), '{"amount":0,"z":{}}')
	end,
	function()
		local first = math.random(0, capacity - 3)
		local body = string.format('{"seats":[%d,%d]}', first, first + 1)
		return wrk.format("POST", "/api/shows/" .. show .. "/holds", headers(1), body)
	end,
	function() return wrk.format("PATCH", "/api/me", headers(1), '{"name":"Somebody Else"}') end,
}

function request()
	return kinds[math.random(#kinds)]()
end
