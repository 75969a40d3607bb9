/** What calls leave in memory, as this process can see it. */
import v8 from 'node:v8'
import vm from 'node:vm'

const callsPerCollection = 20

const oldBytes = (): number =>
  v8.getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ??
  Number.NaN

/** Bytes that `count` calls of `act` leave where only a full collection of memory would find them. */
export const bytesLeftBehind = async (
  count: number,
  act: () => Promise<unknown>,
): Promise<number> => {
  v8.setFlagsFromString('--expose-gc')
  const collect = vm.runInNewContext('gc') as (how?: { type: 'minor' }) => void
  const actAll = async () => {
    for (let index = 0; index < count; index += 1) {
      await act()
      if (index % callsPerCollection === 0) collect({ type: 'minor' })
    }
  }
  // What is compiled and kept once is no matter.
  await actAll()
  collect()
  const before = oldBytes()
  await actAll()
  collect({ type: 'minor' })
  return oldBytes() - before
}
