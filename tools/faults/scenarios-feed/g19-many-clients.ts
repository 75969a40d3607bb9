// G19: a thousand devices, cut, killed under and with Redis cut off below them.
import { bombard, type Strike } from '../feed/bombard.ts'
import type { FeedWorld } from '../feed/world.ts'
import type { Scenario } from '../scenario.ts'

const round: Strike[] = ['notifier', 'redis', 'notifier', 'lines', 'redis']

export const manyClients: Scenario<FeedWorld> = {
  id: 'G19',
  what: '1,000 devices, each cut 3 times, both notifiers killed 10 times, Redis cut off between them 5 times: no undetected gap, and counts agree',
  needs: 'any',
  play: (world, run) =>
    bombard(world, run, {
      name: 'g19-far',
      pairs: run.short ? 5 : 100,
      devicesPerPerson: run.short ? 2 : 5,
      events: 100,
      strikes: run.short
        ? round
        : [...round, ...round, 'notifier', 'notifier', 'redis', 'lines', ...fourKills],
    }),
}

const fourKills: Strike[] = ['notifier', 'notifier', 'notifier', 'notifier']
