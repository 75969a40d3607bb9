// The load: a wrk script that posts entries for many callers over many debts, keys all different.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Caller } from './data.ts'

/** Writes targets and script into `folder`; `spread` is over how many debts the load goes. */
export function writePostScript(
  folder: string,
  name: string,
  callers: Caller[],
  spread: number,
): string {
  const pairs = callers.flatMap(({ token, debtIds }) => debtIds.map((id) => `${token} ${id}`))
  const targets = join(folder, `${name}.targets`)
  writeFileSync(targets, pairs.slice(0, spread).join('\n'))
  const script = join(folder, `${name}.lua`)
  writeFileSync(script, luaOf(targets))
  return script
}

// Each run draws a prefix of its own, so that no key is ever met again.
const luaOf = (targets: string) => `
local tokens, paths = {}, {}
for line in io.lines(${JSON.stringify(targets)}) do
  local token, id = line:match("^(%S+) (%S+)$")
  tokens[#tokens + 1] = "Bearer " .. token
  paths[#paths + 1] = "/v1/debts/" .. id .. "/transactions"
end
local urandom = assert(io.open("/dev/urandom", "rb"))
local prefix = urandom:read(8):gsub(".", function(c) return string.format("%02x", c:byte()) end)
urandom:close()
math.randomseed(os.time())
local body = '{"kind":"advance","amount":{"minor":"1250","currency":"EUR"},"note":"coffee and cake"}'
local count = 0
function request()
  count = count + 1
  local at = math.random(#paths)
  return wrk.format("POST", paths[at], {
    ["Authorization"] = tokens[at],
    ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = prefix .. count,
  }, body)
end
`

/** A script that reads one path again and again. */
export function writeGetScript(folder: string, name: string, token: string): string {
  const script = join(folder, `${name}.lua`)
  writeFileSync(script, `wrk.headers["Authorization"] = "Bearer ${token}"\n`)
  return script
}
