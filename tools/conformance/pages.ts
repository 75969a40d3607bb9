// The same feed page by page: forward from a place, without a hole, or an honest no.
import { storedNotification } from '@quits/proto/feed'
import { z } from 'zod'
import { type Check, must, NotChecked, type Subject } from './check.ts'

const page = z.object({
  items: z.array(storedNotification),
  next: z.string().nullable(),
  place: z.string(),
})
const pagesMax = 50
const looksMax = 200
const lookEveryMs = 50

async function ask(subject: Subject, query: string): Promise<Response> {
  const headers = { authorization: `Bearer ${await subject.token()}` }
  const answer = await fetch(`${subject.url}/v1/notifications?${query}`, { headers })
  if (answer.status === 404) throw new NotChecked('the server has no pages')
  return answer
}

async function read(subject: Subject, query: string): Promise<z.infer<typeof page>> {
  const answer = await ask(subject, query)
  must(answer.status === 200, () => `${query}: answered with ${answer.status}`)
  const parsed = page.safeParse(await answer.json())
  must(parsed.success, () => `${query}: ${parsed.error?.issues[0]?.message ?? ''}`)
  return page.parse(parsed.data)
}

/** Everything from a place on, two at a time; each page begins where the last one ended. */
async function readOn(subject: Subject, from: string) {
  const seqs: number[] = []
  let place = from
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const { items, next, place: end } = await read(subject, `since=${place}&limit=2`)
    seqs.push(...items.map(({ seq }) => seq))
    place = end
    if (next === null) break
  }
  return { seqs, place }
}

export const pageChecks: Check[] = [
  {
    id: 'pages/forward',
    says: 'pages from a place on bring each event once, in order, without a hole',
    needs: 'events',
    async run(subject) {
      const { place: start } = await read(subject, 'limit=1')
      await subject.cause?.(5)
      let found = await readOn(subject, start)
      for (let look = 0; found.seqs.length < 5 && look < looksMax; look += 1) {
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
        found = await readOn(subject, start)
      }
      const first = Number(start.split(':')[1]) + 1
      const wanted = [0, 1, 2, 3, 4].map((index) => first + index)
      must(found.seqs.join() === wanted.join(), () => `seqs ${found.seqs.join()}`)
      const again = await readOn(subject, found.place)
      must(again.seqs.length === 0, () => `after its end still ${again.seqs.join()}`)
    },
  },
  {
    id: 'pages/gap',
    says: 'a place of another epoch, or above the head, is refused and never half answered',
    async run(subject) {
      for (const place of ['999:1', '1:999999999']) {
        const answer = await ask(subject, `since=${place}`)
        must(answer.status === 410, () => `since=${place}: answered with ${answer.status}`)
        const { code } = (await answer.json()) as { code?: string }
        must(code === 'gap', () => `since=${place}: code ${code}`)
      }
    },
  },
]
