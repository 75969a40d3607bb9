import { describe, expect, it } from 'vitest'
import { add, exitCodeOf, lastLine, nothingYet, tallyOfCheck, tallyOfVitest } from './tally.ts'

describe('the figures of a run', () => {
  it('are those of vitest, and one for each other check', () => {
    const report = { numPassedTests: 7, numFailedTests: 0, testResults: [] }
    const tally = add(tallyOfCheck(0), tallyOfVitest(report, 0))
    expect(lastLine(tally)).toBe('8 passed, 0 failed')
    expect(exitCodeOf(tally)).toBe(0)
  })

  it('count a file that could not be loaded as a failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }]
    const report = { numPassedTests: 7, numFailedTests: 0, testResults }
    expect(tallyOfVitest(report, 1)).toEqual({ passed: 7, failed: 1 })
  })

  it('count a failed test once', () => {
    const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }]
    const report = { numPassedTests: 7, numFailedTests: 1, testResults }
    expect(tallyOfVitest(report, 1)).toEqual({ passed: 7, failed: 1 })
  })

  it('count a run that broke without a report, or outside a test, as a failure', () => {
    expect(tallyOfVitest(undefined, 1)).toEqual({ passed: 0, failed: 1 })
    expect(tallyOfVitest({ numPassedTests: 7 }, 1)).toEqual({ passed: 7, failed: 1 })
  })

  it('of a run that proved nothing are a failure', () => {
    expect(exitCodeOf(nothingYet)).toBe(1)
  })
})
