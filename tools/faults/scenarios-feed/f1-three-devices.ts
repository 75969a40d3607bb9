// F1: a thousand events while notifiers, Kafka and MongoDB are killed and Redis is cut off.
import { bombard, type Strike } from '../feed/bombard.ts'
import type { FeedWorld } from '../feed/world.ts'
import type { Scenario } from '../scenario.ts'

const strikes: Strike[] = [
  'notifier',
  'redis',
  'lines',
  'notifier',
  'kafka',
  'notifier',
  'mongo',
  'notifier',
  'redis',
  'notifier',
]

export const threeDevices: Scenario<FeedWorld> = {
  id: 'F1',
  what: '5 SIGKILLs of both notifiers, one of Kafka, one of MongoDB, Redis cut off twice: each device gets 1 to n once, in order, and counts agree',
  needs: 'any',
  play: (world, run) =>
    bombard(world, run, {
      name: 'f1-far',
      pairs: 1,
      devicesPerPerson: 3,
      events: run.short ? 200 : 1_000,
      strikes,
    }),
}
