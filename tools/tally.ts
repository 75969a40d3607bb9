// Counting what a run of all checks has proved. Pure: reports in, figures out.

export interface Tally {
  passed: number
  failed: number
}

export const nothingYet: Tally = { passed: 0, failed: 0 }

export const add = (one: Tally, other: Tally): Tally => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
})

/** The line a run ends with. */
export const lastLine = ({ passed, failed }: Tally) => `${passed} passed, ${failed} failed`

/** A run without a single passed test proves nothing. */
export const exitCodeOf = ({ passed, failed }: Tally) => (failed === 0 && passed > 0 ? 0 : 1)

/** A check that is one program counts as one test. */
export const tallyOfCheck = (exitCode: number): Tally =>
  exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }

interface VitestReport {
  numPassedTests?: number
  numFailedTests?: number
  testResults?: { status?: string; assertionResults?: { status?: string }[] }[]
}

/**
 * What vitest's JSON report says. A file that could not even be loaded has no tests in it and counts
 * as one failure; so does a run that failed without saying where, or left no report.
 */
export function tallyOfVitest(report: unknown, exitCode: number): Tally {
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    testResults = [],
  } = (report ?? {}) as VitestReport
  const broken = testResults.filter(
    ({ status, assertionResults = [] }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  const failed = numFailedTests + broken.length
  const silent = failed === 0 && (exitCode !== 0 || report === undefined) ? 1 : 0
  return { passed: numPassedTests, failed: failed + silent }
}
