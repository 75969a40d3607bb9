// Tickets by HTTP through the front door, as any client gets them.
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { inTurns } from './turns.ts'

const inFlightMax = 64
/** A service that has just started may need a moment, and says so. */
const attemptsMax = 25
const comeBackMs = 200
const unavailable = 503

/** One ticket for each token, in the same order. */
export async function fetchTickets(url: string, tokens: string[]): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlightMax })
  const tickets: string[] = []
  await inTurns(tokens.length, inFlightMax, async (index) => {
    tickets[index] = await persistently(() => fetchTicket(agent, url, tokens[index] ?? ''))
  })
  agent.destroy()
  return tickets
}

async function persistently(ask: () => Promise<string | undefined>): Promise<string> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const ticket = await ask()
    if (ticket !== undefined) return ticket
    await delay(comeBackMs)
  }
  throw new Error(`no ticket in ${attemptsMax} attempts`)
}

/** Undefined when the service asks to come back. */
function fetchTicket(agent: Agent, url: string, token: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-length': 0 }
    const asked = request(`${url}/v1/feed/tickets`, { method: 'POST', agent, headers })
    asked.on('error', reject).on('response', (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => {
        if (answer.statusCode === unavailable) return resolve(undefined)
        if (answer.statusCode !== 201) return reject(new Error(`no ticket: ${text}`))
        const { ticket } = JSON.parse(text) as { ticket: string }
        resolve(ticket)
      })
    })
    asked.end()
  })
}

/** The first frame of a client. */
export const connectFrame = (ticket: string, since?: { epoch: number; seq: number }): string =>
  JSON.stringify({ type: 'connect', ticket, device: 'bench', ...(since ? { since } : {}) })
