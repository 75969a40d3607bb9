/** The same as in `regressions.int.test.ts`: faults that held people up or brought a process down. */
import { randomUUID } from 'node:crypto'
import { closeCodes } from '@quits/proto/feed'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { log, need, startNotifier } from '../test/bench.ts'
import { makeEvents } from '../test/events.ts'
import { openClient } from '../test/feed-client.ts'
import { makeTestFigures } from '../test/figures.ts'
import { makeProcess } from '../test/process.ts'
import { pair, type Scene, setScene, upTo } from '../test/scene.ts'
import { rowOf } from './feed-store.ts'
import { notificationsOf } from './notifications.ts'
import { makeChannel } from './sockets/channel.ts'
import { makeOutflow } from './sockets/outflow.ts'

const bound = { timeout: 40_000, interval: 50 }
let scene: Scene

beforeAll(async () => {
  scene = await setScene()
})
afterAll(() => scene.close())

/** Devices of one person that are cut while they are being written to. */
const cutWhileWritten = async (service: Scene['here']) => {
  const { people, bo } = pair()
  const steady = await service.connect(bo)
  await steady.frame('welcome')
  const sending = (async () => {
    for (let round = 0; round < 20; round += 1) await scene.send(makeEvents(people, 5))
  })()
  for (let round = 0; round < 12; round += 1) {
    const cut = await service.connect(bo, { epoch: 1, seq: 0 })
    await cut.frame('welcome')
    cut.socket.terminate()
  }
  await sending
  await steady.event(100)
  return { bo, steady }
}

describe('nobody is held up and nothing falls over', () => {
  test('X1: sockets that break while they are written to hold up nobody', async () => {
    const { bo, steady } = await cutWhileWritten(scene.here)
    expect(steady.seqs()).toEqual(upTo(100))
    // Every place that a broken socket had is free again.
    const more = await Promise.all(upTo(9).map(() => scene.here.connect(bo)))
    await Promise.all(more.map((client) => client.frame('welcome')))
    for (const client of [steady, ...more]) client.close()
  })

  test('X2: word from elsewhere that makes no sense, and people who come and go, break nothing', async () => {
    const redis = new Redis(need('REDIS_URL'))
    const { people, bo } = pair()
    const client = await scene.here.connect(bo)
    await client.frame('welcome')
    const nobody = { userId: randomUUID(), epoch: 1, seq: 7 }
    for (const word of [
      '',
      '{',
      'null',
      '{"from":1}',
      JSON.stringify({ from: 'x', grown: [{}] }),
    ]) {
      await redis.publish(`${scene.bench.prefix}:feed:words`, word)
    }
    const grown = JSON.stringify({ from: 'x', grown: [nobody, { ...nobody, userId: bo.userId }] })
    await redis.publish(`${scene.bench.prefix}:feed:words`, grown)
    await scene.send(makeEvents(people, 8))
    await client.event(8)
    expect(client.seqs()).toEqual(upTo(8))
    client.close()
    await redis.quit()
  })

  test('X3: events, states, pings and errors to one socket are whole frames, one after the other', async () => {
    const { people, bo } = pair()
    // The client takes every frame apart; one that is torn fails the test.
    const client = await scene.here.connect(bo)
    await client.frame('welcome')
    const sending = scene.send(makeEvents(people, 60))
    for (let mark = 1; mark <= 15; mark += 1) {
      client.say({ type: 'mark', upTo: mark, status: 'seen' })
      client.say({ type: 'confetti' })
    }
    await sending
    await client.event(60)
    await Promise.all([client.frame('state', 15), client.frame('error', 15)])
    await client.frame('ping', 2)
    expect(client.seqs()).toEqual(upTo(60))
    client.close()
  })

  test('X4: nobody is locked out: by a crash, a plain request, a half-open socket or a second tab', async () => {
    const { people, bo } = pair()
    const mortal = await makeProcess(scene.bench, { KAFKA_SESSION_MS: '6000' })
    mortal.start()
    await mortal.ready()
    const first = await mortal.connect(bo)
    await first.frame('welcome')
    await mortal.kill()
    expect((await scene.here.ask(bo, 'GET', '/v1/feed')).status).toBe(426)
    const halfOpen = await openClient(scene.here.socketUrl)
    const tabs = await Promise.all([
      scene.here.connect(bo),
      scene.here.connect(bo),
      scene.there.connect(bo),
    ])
    await Promise.all(tabs.map((tab) => tab.frame('welcome')))
    await scene.send(makeEvents(people, 1))
    await Promise.all(tabs.map((tab) => tab.event(1)))
    mortal.start()
    await mortal.ready()
    const back = await mortal.connect(bo, { epoch: 1, seq: 0 })
    await back.event(1)
    expect(back.seqs()).toEqual([1])
    for (const client of [...tabs, back, halfOpen]) client.close()
    await mortal.terminate()
  })

  test('X5: a device that takes nothing delays no other device of the same person', async () => {
    const { people, bo } = pair()
    const rows = makeEvents(people, 300)
      .flatMap(notificationsOf)
      .filter(({ userId }) => userId === bo.userId)
      .map((draft, index) => rowOf(draft, { epoch: 1, seq: index + 1 }, new Date(0)))
    const channel = makeChannel({
      userId: bo.userId,
      store: {
        head: async () => ({ epoch: 1, seq: rows.length }),
        epoch: async () => 1,
        range: async (_, after, to) => rows.slice(after, to),
      },
      losses: () => 0,
      now: Date.now,
      onGrown() {},
      onRebuilt() {},
    })
    await channel.refresh()
    /** Kernels take megabytes before they refuse; this one takes a page, or none. */
    const listen = (isTaking: boolean) => {
      const seqs: number[] = []
      const outflow = makeOutflow({
        wire: {
          frame() {},
          page(page, done) {
            seqs.push(...page.events.map(({ seq }) => seq))
            if (isTaking) queueMicrotask(done)
          },
          bufferedBytes: () => (isTaking ? 0 : 1),
        },
        channel,
        stallMs: 60_000,
        earliest: async () => 1,
        countsAt: async () => ({ unseen: 0, unread: 0 }),
        figures: makeTestFigures(),
        onSlow() {},
        now: Date.now,
        log,
      })
      outflow.start(0, undefined)
      return { seqs, stop: outflow.stop }
    }
    const [stuck, taking] = [listen(false), listen(true)]
    await vi.waitFor(() => expect(taking.seqs).toEqual(upTo(300)), bound)
    expect(stuck.seqs).toEqual(upTo(100))
    stuck.stop()
    taking.stop()
  })

  test('X6: readiness says what is missing, and a stop with open sockets comes to its end', async () => {
    scene.line.cut()
    await vi.waitFor(async () => {
      expect(await scene.here.health.ready()).toMatchObject({
        ready: false,
        checks: { mongo: false },
      })
    }, bound)
    scene.line.mend()
    await vi.waitFor(async () => expect((await scene.here.health.ready()).ready).toBe(true), bound)
    const leaving = await startNotifier(scene.bench)
    const { bo } = pair()
    const client = await leaving.connect(bo)
    await client.frame('welcome')
    // Does not answer, so that its close frame is waited for in vain.
    client.socket.pause()
    await leaving.stop()
    client.socket.terminate()
    expect(await fetch(leaving.base).catch(() => 'gone')).toBe('gone')
  })
})

describe('devices, places and the store', () => {
  test('N1: a person has many devices on many processes, and each gets everything', async () => {
    const { people, bo } = pair()
    const devices = await Promise.all(
      [scene.here, scene.here, scene.there, scene.there].map((each) => each.connect(bo)),
    )
    await Promise.all(devices.map((device) => device.frame('welcome')))
    await scene.send(makeEvents(people, 10))
    await Promise.all(devices.map((device) => device.event(10)))
    expect(devices.map((device) => device.seqs())).toEqual(devices.map(() => upTo(10)))
    for (const device of devices) device.close()
  })

  test('N3: numbers ascend in one order on all processes, and a resume brings what is above, once', async () => {
    const { people, bo } = pair()
    await Promise.all(upTo(6).map(() => scene.send(makeEvents(people, 5))))
    const one = await scene.here.connect(bo, { epoch: 1, seq: 0 })
    await one.event(30)
    const two = await scene.there.connect(bo, { epoch: 1, seq: 12 })
    await two.event(30)
    expect([one.seqs(), two.seqs()]).toEqual([upTo(30), upTo(18, 13)])
    expect(one.of('event').slice(12)).toEqual(two.of('event'))
    one.close()
    two.close()
  })

  test('N4: devices that come and go while others are written to tear no frame and stop no process', async () => {
    const { steady } = await cutWhileWritten(scene.there)
    expect(steady.seqs()).toEqual(upTo(100))
    expect((await scene.there.health.ready()).ready).toBe(true)
    steady.close()
  })

  test('N5: pings, a deadline for pongs, ids and states of events, and indexes are there', async () => {
    const strict = await startNotifier(scene.bench, { FEED_PING_MS: '100', FEED_PONG_MS: '300' })
    const { people, bo } = pair()
    const mute = await strict.connect(bo, undefined, { mute: true })
    expect(await mute.frame('ping')).toMatchObject({ head: expect.any(Number) })
    expect(await mute.closed()).toBe(closeCodes.noPong)
    await strict.stop()
    const [event] = makeEvents(people, 1)
    await scene.send(event === undefined ? [] : [event])
    const client = await scene.here.connect(bo, { epoch: 1, seq: 0 })
    expect(await client.event(1)).toMatchObject({ seq: 1, id: event?.id, status: 'unseen' })
    client.close()
    const keys = (await scene.rows.indexes()).map(({ key }) => Object.keys(key).join())
    expect(keys).toEqual(
      expect.arrayContaining(['userId,epoch,seq', 'userId,epoch,status,seq', 'storedAt']),
    )
  })
})
