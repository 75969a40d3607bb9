// Runs the checks and says what was found.
import { type Check, Nonconformity, NotChecked, type Subject, within } from './check.ts'
import { doorChecks } from './door.ts'
import { hostileChecks } from './hostile.ts'
import { pageChecks } from './pages.ts'
import { speakingChecks } from './speaking.ts'
import { streamChecks } from './streams.ts'

export interface Finding {
  id: string
  says: string
  outcome: 'holds' | 'broken' | 'not checked'
  /** What was found instead, or why nobody looked. */
  found?: string
}

/** Checks that look at one person's feed disturb each other; those of strangers do not. */
const strangersAtOnce = 4
const checkMsMax = 150_000

export const allChecks: readonly Check[] = [
  ...hostileChecks,
  ...doorChecks,
  ...streamChecks,
  ...pageChecks,
  ...speakingChecks,
]

/** Every finding, in the order of the checks. */
export async function runSuite(
  subject: Subject,
  onFinding: (finding: Finding) => void = () => undefined,
  checks: readonly Check[] = allChecks,
): Promise<Finding[]> {
  const findings = new Map<Check, Finding>()
  const look = async (check: Check) => {
    const finding = await findingOf(check, subject)
    findings.set(check, finding)
    onFinding(finding)
  }
  const isApart = ({ alone, needs }: Check) => alone === true || needs === 'events'
  const together = checks.filter((check) => !isApart(check)).values()
  const lane = async () => {
    for (const check of together) await look(check)
  }
  await Promise.all(Array.from({ length: strangersAtOnce }, lane))
  for (const check of checks.filter(isApart)) await look(check)
  return checks.flatMap((check) => findings.get(check) ?? [])
}

async function findingOf(check: Check, subject: Subject): Promise<Finding> {
  const { id, says } = check
  if (check.needs === 'events' && subject.cause === undefined) {
    return { id, says, outcome: 'not checked', found: 'nobody can make events here' }
  }
  try {
    await within(checkMsMax, 'end of the check', check.run(subject))
    return { id, says, outcome: 'holds' }
  } catch (error) {
    if (error instanceof NotChecked) {
      return { id, says, outcome: 'not checked', found: error.message }
    }
    const found = error instanceof Error ? error.message : String(error)
    const known = error instanceof Nonconformity
    return { id, says, outcome: 'broken', found: known ? found : `the check failed: ${found}` }
  }
}
