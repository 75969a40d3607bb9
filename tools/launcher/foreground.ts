// A launcher command in the foreground: starts, says so, waits to be told to stop, stops.
import { reasonOf } from './failure.ts'
import { openHouse } from './house.ts'
import type { House } from './house.ts'
import { stopAndExit, untilAskedToStop } from './signals.ts'

export async function runCommandUntilStopped(
  start: (house: House) => Promise<void>,
  dataDir: string,
): Promise<never> {
  let opened: House | undefined
  const asked = untilAskedToStop(console.log, () => opened?.kill())
  let house: House
  try {
    house = opened = await openHouse({ dataDir })
  } catch (error) {
    console.error(reasonOf(error))
    process.exit(1)
  }
  const started = start(house)
  try {
    await Promise.race([started, asked])
  } catch (error) {
    console.error(`\n${reasonOf(error)}`)
    return stopAndExit(house.stop, 1)
  }
  started.catch(() => undefined) // a start cut short by a stop has nothing more to say
  await asked
  return stopAndExit(async () => {
    await house.stop()
    console.log('Everything is stopped.')
  }, 0)
}
