// Tickets by HTTP through the front door, as any client gets them.
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { ask } from './ask.ts'
import { inTurns } from './turns.ts'

const inFlightMax = 64
/** A service that has just started may need a moment, and says so. */
const attemptsMax = 25
const comeBackMs = 200

/** One ticket for each token, in the same order. */
export async function fetchTickets(url: string, tokens: string[]): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlightMax })
  const tickets: string[] = []
  await inTurns(tokens.length, inFlightMax, async (index) => {
    tickets[index] = await persistently(`${url}/v1/feed/tickets`, {
      agent,
      token: tokens[index] ?? '',
    })
  })
  agent.destroy()
  return tickets
}

async function persistently(url: string, by: { agent: Agent; token: string }): Promise<string> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const answer = await ask<{ ticket: string }>(url, by)
    if (answer !== undefined) return answer.ticket
    await delay(comeBackMs)
  }
  throw new Error(`no ticket in ${attemptsMax} attempts`)
}

/** The first frame of a client. */
export const connectFrame = (ticket: string, since?: { epoch: number; seq: number }): string =>
  JSON.stringify({ type: 'connect', ticket, device: 'bench', ...(since ? { since } : {}) })
