/** Readiness of one process: can it do its core job now? Liveness asks nothing of anybody. */

/** Resolves true when this dependency serves; may throw. */
export type ReadyCheck = () => boolean | Promise<boolean>

const checkMsMax = 1_000

export interface Readiness {
  ready: boolean
  checks: Record<string, boolean>
  degraded?: string[]
}

export type Health = ReturnType<typeof makeHealth>

/**
 * Checks by name. `decisive` are those without which there is no core job, all unless told otherwise;
 * the others only make it worse. One that all processes share and can do without must not be among
 * them: a balancer would send everybody away at once. After `drain()` the process is not ready.
 */
export const makeHealth = <Name extends string>(
  checks: Record<Name, ReadyCheck>,
  decisive?: readonly Name[],
) => {
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
    /** Which checks pass; `degraded` names those that fail and do not decide, if any do. */
    async ready(): Promise<Readiness> {
      const names = Object.keys(checks)
      const results = await Promise.all(Object.values<ReadyCheck>(checks).map(outcome))
      const passed = Object.fromEntries(names.map((name, index) => [name, results[index] === true]))
      const failed = names.filter((name) => passed[name] !== true)
      const decides = new Set<string>(decisive ?? names)
      const degraded = failed.filter((name) => !decides.has(name))
      const ready = !draining && failed.length === degraded.length
      return { ready, checks: passed, ...(degraded.length > 0 ? { degraded } : {}) }
    },
  }
}
