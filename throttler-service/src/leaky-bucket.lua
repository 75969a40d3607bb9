-- Leaky buckets as meters (the continuous-state form of GCRA, ITU-T I.371), many checks at once.
--
-- KEYS     one bucket each, in the order of the checks. Value: "<level> <at>": how long the bucket
--          still leaked at instant `at`. Both in whole microseconds; an absent key is empty.
-- ARGV[1]  the instant in microseconds; empty: the server's own clock, always so in production
-- ARGV[2]  number of checks; then for each check: its number of buckets, then for each bucket:
--          capacity in microseconds of leaking, cost in microseconds of leaking
--
-- Result   flat: for each check 1 or 0, then for each of its buckets: its level after the check,
--          and how long the check must wait for it (0 when this bucket has room)
-- Effects  a check that passes raises all its buckets; one that fails raises none. Keys expire a
--          minute after they have leaked empty.

local now
if ARGV[1] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
else
  now = tonumber(ARGV[1])
end

local expiryMarginMs = 60000
local result = {}
local argument = 3
local first = 1

for _ = 1, tonumber(ARGV[2]) do
  local buckets = tonumber(ARGV[argument])
  argument = argument + 1
  local levels, waits = {}, {}
  local allowed = 1
  for index = 1, buckets do
    local capacity = tonumber(ARGV[argument + (index - 1) * 2])
    local cost = tonumber(ARGV[argument + (index - 1) * 2 + 1])
    local level = 0
    local value = redis.call('GET', KEYS[first + index - 1])
    local was, at = string.match(value or '', '^(%d+) (%d+)$')
    if was then
      -- A clock that was set back leaks nothing, and loses nothing either.
      local elapsed = math.max(0, now - tonumber(at))
      -- A policy that became smaller finds that the bucket was full, not over-full.
      level = math.max(0, math.min(capacity, tonumber(was)) - elapsed)
    end
    levels[index] = level
    waits[index] = math.max(0, level + cost - capacity)
    if waits[index] > 0 then allowed = 0 end
  end
  result[#result + 1] = allowed
  for index = 1, buckets do
    if allowed == 1 then
      levels[index] = levels[index] + tonumber(ARGV[argument + (index - 1) * 2 + 1])
      redis.call('SET', KEYS[first + index - 1],
        string.format('%.0f %.0f', levels[index], now),
        'PX', math.ceil(levels[index] / 1000) + expiryMarginMs)
    end
    result[#result + 1] = levels[index]
    result[#result + 1] = waits[index]
  end
  argument = argument + buckets * 2
  first = first + buckets
end

return result
