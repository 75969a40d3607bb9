import { expect, it } from 'vitest'
import { event, events, makeScene, settle, welcome } from './test-scene.ts'

it('connects with a ticket and, on a first visit, without a place to resume from', async () => {
  const scene = makeScene()
  await settle()
  expect(scene.line(0).sent).toEqual([{ type: 'connect', ticket: 'ticket-1', device: 'laptop' }])
  scene.line(0).say(welcome(7, false))
  expect(scene.told).toEqual(['reload', 'unseen 0', 'live'])
  await scene.stop()
})

it('tries again when a socket opens and nothing comes, and leaves alone one that was welcomed', async () => {
  const scene = makeScene()
  await settle()
  expect(scene.line(0).sent).toHaveLength(1)
  await scene.pass(15_000)
  expect(scene.line(0).closedHere).toBe(true)
  await scene.pass(scene.naps.at(-1)?.ms ?? 0)
  scene.line(1).say(welcome(1, false))
  await scene.pass(15_000)
  expect(scene.line(1).closedHere).toBe(false)
  await scene.stop()
})

it('tries again when no ticket comes', async () => {
  const scene = makeScene({ silentTickets: 1 })
  await settle()
  expect(scene.lines).toHaveLength(0)
  await scene.pass(15_000)
  await scene.pass(scene.naps.at(-1)?.ms ?? 0)
  expect(scene.line(0).sent).toMatchObject([{ type: 'connect', ticket: 'ticket-2' }])
  await scene.stop()
})

it('hands over each event once and in order, however often it is sent', async () => {
  const scene = makeScene()
  await settle()
  scene.line(0).say(welcome(0, false))
  for (const seq of [1, 2, 2, 1, 3]) scene.line(0).say(event(seq))
  expect(events(scene.told)).toEqual(['event 1', 'event 2', 'event 3'])
  await scene.stop()
})

it('comes back after a closed browser with exactly what was missed', async () => {
  const first = makeScene()
  await settle()
  first.line(0).say(welcome(4, false))
  first.line(0).say(event(5))
  await first.stop()

  const second = makeScene({ shelf: first.shelf })
  await settle()
  expect(second.line(0).sent[0]).toMatchObject({ since: { epoch: 1, seq: 5 } })
  second.line(0).say(welcome(8, true))
  for (const seq of [6, 7, 8]) second.line(0).say(event(seq))
  second.line(0).say({ type: 'replayed', from: 6, to: 8 })
  expect(second.told).toEqual(['marked', 'unseen 0', 'live', 'event 6', 'event 7', 'event 8'])
  await second.stop()
})

it('reads everything again after a gap and goes on from the head', async () => {
  const shelf = new Map([['quits.cursor.u-bo', '{"epoch":1,"seq":2}']])
  const scene = makeScene({ shelf })
  await settle()
  scene.line(0).say(welcome(90, false))
  scene.line(0).say({ type: 'gap', earliest: 40, head: 90 })
  scene.line(0).say(event(91))
  expect(scene.told).toContain('reload')
  expect(scene.told.filter((word) => word === 'cut short')).toHaveLength(1)
  expect(events(scene.told)).toEqual(['event 91'])
  expect(scene.shelf.get('quits.cursor.u-bo')).toBe('{"epoch":1,"seq":91}')
  await scene.stop()
})

it('does not call a feed cut short that still has all that was missed', async () => {
  const shelf = new Map([['quits.cursor.u-bo', '{"epoch":1,"seq":39}']])
  const scene = makeScene({ shelf })
  await settle()
  scene.line(0).say(welcome(90, true))
  scene.line(0).say(event(40))
  // The store failed in the middle, and what it has begins where we are.
  scene.line(0).say({ type: 'gap', earliest: 41, head: 90 })
  expect(scene.told).toContain('reload')
  expect(scene.told).not.toContain('cut short')
  await scene.stop()
})

it('goes on where a gap in the middle says, and never back to where it was welcomed', async () => {
  const scene = makeScene()
  await settle()
  scene.line(0).say(welcome(5, false))
  for (const seq of [6, 7, 8]) scene.line(0).say(event(seq))
  scene.line(0).say({ type: 'gap', earliest: 1, head: 12 })
  scene.line(0).say(event(13))
  expect(events(scene.told)).toEqual(['event 6', 'event 7', 'event 8', 'event 13'])
  // One that lags behind what is here already brings nothing a second time.
  scene.line(0).say({ type: 'gap', earliest: 1, head: 9 })
  for (const seq of [10, 13, 14]) scene.line(0).say(event(seq))
  expect(events(scene.told).slice(4)).toEqual(['event 14'])
  expect(scene.shelf.get('quits.cursor.u-bo')).toBe('{"epoch":1,"seq":14}')
  expect(scene.line(0).closedHere).toBe(false)
  await scene.stop()
})

it('says when news may come late, and when they come in time again', async () => {
  const scene = makeScene()
  await settle()
  scene.line(0).say({ ...welcome(1, false), degraded: true })
  scene.line(0).say({ type: 'ping', head: 1, degraded: true })
  scene.line(0).say({ type: 'ping', head: 1 })
  scene.line(0).say({ type: 'ping', head: 1, degraded: true })
  const words = () => scene.told.filter((word) => word === 'late' || word === 'in time')
  expect(words()).toEqual(['late', 'in time', 'late'])
  // Each welcome begins anew: who listens has forgotten it with the line.
  scene.line(0).cut(4000)
  await settle()
  await scene.pass(scene.naps.at(-1)?.ms ?? 0)
  scene.line(1).say({ ...welcome(1, true), degraded: true })
  expect(words()).toEqual(['late', 'in time', 'late', 'late'])
  await scene.stop()
})

it('says that marks were made, on this line or while there was none', async () => {
  const shelf = new Map([['quits.cursor.u-bo', '{"epoch":1,"seq":2}']])
  const scene = makeScene({ shelf })
  await settle()
  scene.line(0).say(welcome(2, true))
  scene
    .line(0)
    .say({ type: 'state', upTo: 2, status: 'read', counts: { unseen: 0, unread: 0 }, head: 2 })
  expect(scene.told.filter((word) => word === 'marked')).toHaveLength(2)
  await scene.stop()
})

it('starts over when the feed was rebuilt under another epoch', async () => {
  const shelf = new Map([['quits.cursor.u-bo', '{"epoch":1,"seq":50}']])
  const scene = makeScene({ shelf })
  await settle()
  scene.line(0).say(welcome(3, false, 2))
  scene.line(0).say({ type: 'gap', earliest: 1, head: 3 })
  scene.line(0).say(event(4))
  expect(scene.told).toEqual(['reload', 'unseen 0', 'live', 'reload', 'event 4', 'unseen 1'])
  await scene.stop()
})

it('resumes when an event is missing, and reloads when resuming did not bring it', async () => {
  const scene = makeScene()
  await settle()
  scene.line(0).say(welcome(1, false))
  scene.line(0).say(event(3))
  expect(scene.told).not.toContain('event 3')
  expect(scene.line(0).closedHere).toBe(true)
  await settle()
  await scene.pass(250)
  expect(scene.line(1).sent[0]).toMatchObject({ since: { epoch: 1, seq: 1 } })
  scene.line(1).say(welcome(3, true))
  scene.line(1).say(event(3))
  expect(scene.told.slice(-2)).toEqual(['reload', 'event 3'])
  expect(scene.told.filter((word) => word === 'reload')).toHaveLength(2)
  await scene.stop()
})

it('counts what comes live and rings, and takes the counts of the server as they come', async () => {
  const scene = makeScene()
  await settle()
  scene.line(0).say({ ...welcome(0, false), counts: { unseen: 2, unread: 2 } })
  scene.line(0).say(event(1))
  scene.line(0).say({ ...event(2), weight: 'silent' })
  scene.line(0).say({ type: 'state', upTo: 2, status: 'seen', counts: { unseen: 0, unread: 3 } })
  const counts = scene.told.filter((word) => word.startsWith('unseen'))
  expect(counts).toEqual(['unseen 2', 'unseen 3', 'unseen 0'])
  await scene.stop()
})

it('answers pings, and gives up a socket that has gone silent', async () => {
  const scene = makeScene()
  await settle()
  scene.line(0).say(welcome(0, false))
  scene.line(0).say({ type: 'ping', head: 0 })
  expect(scene.line(0).sent.at(-1)).toEqual({ type: 'pong' })
  for (let count = 0; count < 3; count += 1) await scene.pass(25_000)
  expect(scene.line(0).closedHere).toBe(true)
  await scene.stop()
})

it('brings a new ticket a minute before the token ends', async () => {
  const scene = makeScene()
  await settle()
  scene.line(0).say(welcome(0, false))
  await scene.pass(840_000)
  expect(scene.line(0).sent.at(-1)).toEqual({ type: 'refresh', ticket: 'ticket-2-fresh' })
  await scene.stop()
})

it('waits longer after each failure, honours the server, and forgets failures once welcome', async () => {
  const scene = makeScene()
  for (const [index, delayMs] of [250, 500, 1_000].entries()) {
    await settle()
    scene.line(index).cut(1006)
    await settle()
    expect(scene.naps.at(-1)?.ms).toBe(delayMs)
    await scene.pass(delayMs)
  }
  scene.line(3).say(welcome(0, false))
  scene.line(3).say({ type: 'bye', code: 4000, reconnect: true, afterMs: 3_000 })
  scene.line(3).cut(4000)
  await settle()
  expect(scene.naps.at(-1)?.ms).toBe(3_250)
  await scene.stop()
})

it('does not come back after a final close code', async () => {
  const scene = makeScene()
  await settle()
  scene.line(0).cut(4505)
  await scene.running
  expect(scene.lines).toHaveLength(1)
})

it('passes over frames it does not know and text that is none', async () => {
  const scene = makeScene()
  await settle()
  scene.line(0).say(welcome(0, false))
  scene.line(0).say({ type: 'confetti' })
  scene.line(0).say({ type: 'event', seq: 'one' })
  scene.line(0).say(event(1))
  expect(events(scene.told)).toEqual(['event 1'])
  await scene.stop()
})
