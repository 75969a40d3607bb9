/**
 * Policies: tier × route class → leaky buckets. A pure reading of the policy file that refuses,
 * with every fault named, what would leave a caller without a limit.
 */
import { ConfigError } from '@quits/kit/config'
import { z } from 'zod'

export const tiers = ['anonymous', 'unactivated', 'activated', 'service'] as const
export type Tier = (typeof tiers)[number]

/** A bucket that holds `capacity` tokens and leaks one every `intervalUs` microseconds. */
export interface Policy {
  name: string
  tier: Tier
  capacity: number
  intervalUs: number
  /** What one request costs unless the caller says otherwise. */
  cost: number
}

/** `caller`: by user where the token tells one; `address`: by address whatever the token says. */
type Subject = 'caller' | 'address'

export interface Policies {
  /** All policies of a caller in a route class; a request must pass every one of them. */
  of(tier: Tier, routeClass: string): Policy[]
  subjectOf(routeClass: string): Subject
  /** The class itself, or the one that stands in for a class the file does not know. */
  classOf(routeClass: string): string
}

/** Thrown with one line per fault. */
export class PolicyFileError extends ConfigError {
  override name = 'PolicyFileError'
}

/** A request of a class that the file does not know is limited as one of these. */
const fallbackClass = 'api'
const name = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/)

const policyFile = z.strictObject({
  classes: z.record(name, z.strictObject({ subject: z.enum(['caller', 'address']) })),
  policies: z
    .array(
      z.strictObject({
        name,
        tier: z.enum(tiers),
        class: name,
        capacity: z.number().int().min(1).max(1_000_000),
        /** Tokens that leak out in `perSeconds`. */
        leak: z.number().positive().max(1_000_000),
        perSeconds: z.number().positive().max(86_400).default(1),
        cost: z.number().int().min(1).max(1_000).default(1),
      }),
    )
    .max(200),
})
type PolicyFile = z.infer<typeof policyFile>

/** Reads the file's text. Throws a PolicyFileError. */
export const parsePolicies = (text: string): Policies => {
  const file = parseFile(text)
  const faults = faultsOf(file)
  if (faults.length > 0) throw new PolicyFileError(faults.join('\n'))

  const byPlace = new Map<string, Policy[]>()
  for (const row of file.policies) {
    const place = `${row.tier} ${row.class}`
    const policy = {
      name: row.name,
      tier: row.tier,
      capacity: row.capacity,
      // Whole microseconds, so that the script's arithmetic is exact.
      intervalUs: Math.max(1, Math.round((row.perSeconds * 1_000_000) / row.leak)),
      cost: row.cost,
    }
    byPlace.set(place, [...(byPlace.get(place) ?? []), policy])
  }
  const classOf = (routeClass: string) =>
    Object.hasOwn(file.classes, routeClass) ? routeClass : fallbackClass
  return {
    of: (tier, routeClass) => byPlace.get(`${tier} ${classOf(routeClass)}`) ?? [],
    subjectOf: (routeClass) => file.classes[classOf(routeClass)]?.subject ?? 'address',
    classOf,
  }
}

const parseFile = (text: string): PolicyFile => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new PolicyFileError('not JSON')
  }
  const result = policyFile.safeParse(json)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new PolicyFileError(faults.join('\n'))
}

/** What a schema cannot say: names are unique, and every caller has a limit in every class. */
const faultsOf = (file: PolicyFile): string[] => {
  const faults: string[] = []
  if (!Object.hasOwn(file.classes, fallbackClass)) faults.push(`class ${fallbackClass} is missing`)
  const names = new Set<string>()
  for (const row of file.policies) {
    if (names.has(row.name)) faults.push(`policy ${row.name} is there twice`)
    names.add(row.name)
    if (row.cost > row.capacity) faults.push(`policy ${row.name} costs more than it holds`)
    const routeClass = file.classes[row.class]
    if (routeClass === undefined) faults.push(`policy ${row.name} is for an unknown class`)
    if (routeClass?.subject === 'address' && row.tier !== 'anonymous') {
      faults.push(`policy ${row.name} is never used: ${row.class} goes by address`)
    }
  }
  for (const [routeClass, { subject }] of Object.entries(file.classes)) {
    for (const tier of subject === 'address' ? (['anonymous'] as const) : tiers) {
      if (!file.policies.some((row) => row.tier === tier && row.class === routeClass)) {
        faults.push(`${tier} callers have no policy in class ${routeClass}`)
      }
    }
  }
  return faults
}
