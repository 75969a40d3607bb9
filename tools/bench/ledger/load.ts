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

// Each run draws a prefix of its own, so that no key is ever met again. A request is three texts put
// together, all but the key made beforehand: the load is to cost the machine as little as it can.
const luaOf = (targets: string) => `
local urandom = assert(io.open("/dev/urandom", "rb"))
local prefix = urandom:read(8):gsub(".", function(c) return string.format("%02x", c:byte()) end)
urandom:close()
math.randomseed(os.time())
local body = '{"kind":"advance","amount":{"minor":"1250","currency":"EUR"},"note":"coffee and cake"}'
local tail = "\\r\\n\\r\\n" .. body
local heads = {}
function init()
  for line in io.lines(${JSON.stringify(targets)}) do
    local token, id = line:match("^(%S+) (%S+)$")
    heads[#heads + 1] = table.concat({
      "POST /v1/debts/" .. id .. "/transactions HTTP/1.1",
      "Host: " .. wrk.headers["Host"],
      "Authorization: Bearer " .. token,
      "Content-Type: application/json",
      "Content-Length: " .. #body,
      "Idempotency-Key: " .. prefix,
    }, "\\r\\n")
  end
end
local count = 0
function request()
  count = count + 1
  return heads[math.random(#heads)] .. count .. tail
end
`

/** A script that reads one path again and again. */
export function writeGetScript(folder: string, name: string, token: string): string {
  const script = join(folder, `${name}.lua`)
  writeFileSync(script, `wrk.headers["Authorization"] = "Bearer ${token}"\n`)
  return script
}
