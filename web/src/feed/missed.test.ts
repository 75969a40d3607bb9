import { expect, it } from 'vitest'
import { event, makeScene, settle, welcome } from './test-scene.ts'

/** A device at place 0 that has missed `missed` events, in front of its line. */
const comeBack = async (missed: number) => {
  const scene = makeScene({ shelf: new Map([['quits.cursor.u-bo', '{"epoch":1,"seq":0}']]) })
  await settle()
  scene.line(0).say(welcome(missed, true))
  scene.told.length = 0
  const come = (from: number, to: number) => {
    for (let seq = from; seq <= to; seq += 1) scene.line(0).say(event(seq))
  }
  return { scene, come, saved: () => scene.shelf.get('quits.cursor.u-bo') }
}
const named = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `event ${from + index}`)

it('tells what was missed in groups, and writes the place down with each', async () => {
  const { scene, come, saved } = await comeBack(250)
  come(1, 99)
  expect(scene.told).toEqual([])
  expect(saved()).toBe('{"epoch":1,"seq":0}')
  come(100, 240)
  expect(scene.told).toEqual([...named(1, 100), 'more follows', ...named(101, 200), 'more follows'])
  expect(saved()).toBe('{"epoch":1,"seq":200}')
  come(241, 251)
  expect(scene.told.slice(202)).toEqual([...named(201, 250), 'event 251', 'unseen 1'])
  expect(saved()).toBe('{"epoch":1,"seq":251}')
  // What is acknowledged was told: one frame says the highest of a while.
  await scene.pass(500)
  expect(scene.line(0).sent.at(-1)).toEqual({ type: 'ack', seq: 251 })
  await scene.stop()
})

it('acknowledges nothing that it has not told', async () => {
  const { scene, come } = await comeBack(250)
  come(1, 130)
  await scene.pass(500)
  expect(scene.line(0).sent.at(-1)).toEqual({ type: 'ack', seq: 100 })
  await scene.stop()
})

it('tells what it has when the rest of what was missed takes a while', async () => {
  const { scene, come, saved } = await comeBack(250)
  come(1, 30)
  await scene.pass(100)
  expect(scene.told).toEqual([...named(1, 30), 'more follows'])
  expect(saved()).toBe('{"epoch":1,"seq":30}')
  // A wait that belongs to a group which is closed closes no later one.
  come(31, 40)
  const waits = scene.naps.splice(0)
  come(41, 135)
  expect(scene.told.slice(31)).toEqual([...named(31, 130), 'more follows'])
  for (const { wake } of waits) wake()
  await settle()
  expect(scene.told.slice(132)).toEqual([])
  await scene.pass(100)
  expect(scene.told.slice(132)).toEqual([...named(131, 135), 'more follows'])
  await scene.stop()
})

it('tells what it has before anything else that it is told, and when the line ends', async () => {
  const { scene, come, saved } = await comeBack(250)
  come(1, 3)
  scene.line(0).say({ type: 'gap', earliest: 1, head: 10 })
  expect(scene.told).toEqual([...named(1, 3), 'more follows', 'reload'])
  come(11, 12)
  scene.line(0).cut(1006)
  await settle()
  expect(scene.told.slice(5)).toEqual([...named(11, 12), 'more follows', 'away'])
  expect(saved()).toBe('{"epoch":1,"seq":12}')
  await scene.pass(250)
  expect(scene.line(1).sent[0]).toMatchObject({ since: { epoch: 1, seq: 12 } })
  await scene.stop()
})
