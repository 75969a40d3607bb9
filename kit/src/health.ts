/** Readiness of one process: can it do its core job now? Liveness asks nothing of anybody. */

/** Resolves true when this dependency serves; may throw. */
export type ReadyCheck = () => boolean | Promise<boolean>

const checkMsMax = 1_000

export type Health = ReturnType<typeof makeHealth>

/** Checks by name. After `drain()` the process is not ready, whatever its checks say. */
export const makeHealth = (checks: Record<string, ReadyCheck>) => {
  let draining = false

  const outcome = async (check: ReadyCheck): Promise<boolean> => {
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(false), checkMsMax)
    const checked = (async () => check())().catch(() => false)
    const result = await Promise.race([checked, late.promise])
    clearTimeout(timer)
    return result
  }

  return {
    drain() {
      draining = true
    },
    /** Which checks pass; ready when all do and the process is not draining. */
    async ready(): Promise<{ ready: boolean; checks: Record<string, boolean> }> {
      const names = Object.keys(checks)
      const results = await Promise.all(Object.values(checks).map(outcome))
      const passed = Object.fromEntries(names.map((name, index) => [name, results[index] === true]))
      return { ready: !draining && results.every(Boolean), checks: passed }
    },
  }
}
