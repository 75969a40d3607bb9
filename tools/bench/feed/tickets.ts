// Tickets by HTTP through the front door, as any client gets them.
import { setTimeout as delay } from 'node:timers/promises'
import { type Asker, makeAsker } from './ask.ts'
import { inTurns } from './turns.ts'

const inFlightMax = 64
/** A service that has just started may need a moment, and says so. */
const attemptsMax = 25
const comeBackMs = 200

/** One ticket for each token, in the same order. */
export async function fetchTickets(url: string, tokens: string[]): Promise<string[]> {
  const asker = makeAsker(url, inFlightMax)
  const tickets: string[] = []
  await inTurns(tokens.length, inFlightMax, async (index) => {
    tickets[index] = await persistently(asker, tokens[index] ?? '')
  })
  asker.close()
  return tickets
}

async function persistently(asker: Asker, token: string): Promise<string> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const answer = await asker.ask<{ ticket: string }>({ path: '/v1/feed/tickets', token })
    if (answer !== undefined) return answer.ticket
    await delay(comeBackMs)
  }
  throw new Error(`no ticket in ${attemptsMax} attempts`)
}

/** The first frame of a client. */
export const connectFrame = (ticket: string, since?: { epoch: number; seq: number }): string =>
  JSON.stringify({ type: 'connect', ticket, device: 'bench', ...(since ? { since } : {}) })
