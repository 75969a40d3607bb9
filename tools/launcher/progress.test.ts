import { describe, expect, it } from 'vitest'
import { makeProgress } from './progress.ts'

describe('progress', () => {
  it('is one line per step, with the name of the part and its seconds', () => {
    const lines: string[] = []
    let nowMs = 0
    const progress = makeProgress(
      (line) => lines.push(line),
      () => nowMs,
    )
    const kafka = progress.part('kafka')
    kafka.say('starting')
    nowMs = 5_250
    kafka.ready('127.0.0.1:9092, provisioned')
    progress.close()
    expect(lines).toEqual([
      '  kafka       starting',
      '  kafka       ready after 5.3 s: 127.0.0.1:9092, provisioned',
    ])
  })
})
