// Sends what the generators make and judges each answer: no 5xx, no silence, nothing undocumented.
import * as fc from 'fast-check'
import { z } from 'zod'
import type { Asking, Call, Ending } from '../http-call.ts'
import { type Known, type Operation, requestTo } from './requests.ts'

export interface Fuzzed {
  requests: number
  /** How many got through to a 2xx: a fuzzer that never does tests only the door. */
  accepted: number
  faults: string[]
}

const answerMsMax = 2_000
const togetherMax = 8
const faultsMax = 20
const chunk = 50

/** About `count` requests, spread over the operations. */
export async function fuzz(
  call: Call,
  operations: Operation[],
  known: Known,
  options: { seed: number; count: number },
): Promise<Fuzzed> {
  const fuzzed: Fuzzed = { requests: 0, accepted: 0, faults: [] }
  const judges = operations.map((operation) => makeJudge(operation))
  const rounds = Math.ceil(options.count / (operations.length * chunk))
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, operation] of operations.entries()) {
      const seed = options.seed + round * operations.length + index
      const requests = fc.sample(requestTo(operation, known), { seed, numRuns: chunk })
      await sendAll(call, requests, judges[index], fuzzed)
    }
  }
  return fuzzed
}

type Judge = (ending: Ending, tookMs: number, asking: Asking) => string | undefined

async function sendAll(
  call: Call,
  requests: Asking[],
  judge: Judge | undefined,
  fuzzed: Fuzzed,
): Promise<void> {
  const queue = [...requests]
  const work = async () => {
    for (let asking = queue.pop(); asking !== undefined; asking = queue.pop()) {
      const { ending, tookMs } = await timed(call, asking)
      fuzzed.requests += 1
      if ('reply' in ending && ending.reply.status < 300) fuzzed.accepted += 1
      const fault = judge?.(ending, tookMs, asking)
      if (fault === undefined || fuzzed.faults.length >= faultsMax) continue
      const { method, path, body = '' } = asking
      fuzzed.faults.push(`${method} ${path.slice(0, 120)} ${body.slice(0, 200)}: ${fault}`)
    }
  }
  await Promise.all(Array.from({ length: togetherMax }, work))
}

/** What hangs does so again; what was only unlucky on a busy machine does not. */
async function timed(call: Call, asking: Asking): Promise<{ ending: Ending; tookMs: number }> {
  const once = async () => {
    const startedAt = performance.now()
    const ending = await call(asking)
    return { ending, tookMs: performance.now() - startedAt }
  }
  const first = await once()
  return first.tookMs > answerMsMax ? once() : first
}

const problem = z.looseObject({ type: z.string(), status: z.int(), code: z.string() })
const bodyBytesMax = 16_384

function makeJudge({ answers }: Operation): Judge {
  const shapes = new Map(
    Object.entries(answers).flatMap(([status, schema]) =>
      schema === undefined || status === 'default'
        ? []
        : [[Number(status), z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])]],
    ),
  )
  return (ending, tookMs, { body = '' }) => {
    if ('broken' in ending) {
      // Who sends more than is read may find the door closed.
      const cutShort = Buffer.byteLength(body) > bodyBytesMax
      return cutShort && ending.broken !== 'hung' ? undefined : ending.broken
    }
    const { status, headers, text } = ending.reply
    if (tookMs > answerMsMax) return `took ${Math.round(tookMs)} ms`
    if (status >= 500) return `${status} ${text.slice(0, 120)}`
    if (status >= 300) return judgeProblem(status, headers['content-type'], text)
    if (!(status in answers)) return `${status} is not documented`
    const shape = shapes.get(status)
    if (shape === undefined) return undefined
    const checked = shape.safeParse(parseJson(text))
    return checked.success ? undefined : `undocumented answer: ${z.prettifyError(checked.error)}`
  }
}

function judgeProblem(
  status: number,
  type: string | string[] | undefined,
  text: string,
): string | undefined {
  const parsed = problem.safeParse(parseJson(text))
  if (type !== 'application/problem+json' || !parsed.success) {
    return `${status} is no problem document: ${text.slice(0, 80)}`
  }
  return parsed.data.status === status ? undefined : `${status} says ${parsed.data.status}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
