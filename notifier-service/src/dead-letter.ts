/**
 * What a dead letter says, bounded: the broker takes at most 1 MB at once, and a poison record may
 * be as long itself, without the backslashes that JSON adds. A letter that can't be written would
 * hold up its partition for ever, so what is too long is cut, and the letter says so.
 */
import type { KafkaRecord, ReceivedRecord } from '@quits/kit/kafka'
import { type DeadLetter, deadLetterKey } from '@quits/proto/dead-letters'

/** In UTF-16 units, each of which becomes at most six bytes: together below 520 KB. */
export const valueLengthMax = 65_536
const keyLengthMax = 1_024
const reasonLengthMax = 1_024
const stackLengthMax = 16_384

/** A whole letter fits, and a batch as kafkajs frames it stays below the broker's 1 MB. */
const bytesPerSendMax = 800_000
/** What the broker's format adds to a record, generously. */
const bytesAroundRecord = 64

/** The letter for a record that is poison; its key names the record. */
export const deadLetterOf = (
  record: ReceivedRecord,
  reason: string,
  stack: string,
): KafkaRecord => {
  const { topic, partition, offset, timestampMs, key, value } = record
  const isCut = key.length > keyLengthMax || value.length > valueLengthMax
  const letter: DeadLetter = {
    reason: reason.slice(0, reasonLengthMax),
    stack: stack.slice(0, stackLengthMax),
    topic,
    partition,
    offset,
    at: new Date(timestampMs).toISOString(),
    key: key.slice(0, keyLengthMax),
    value: value.slice(0, valueLengthMax),
    ...(isCut ? { cut: { keyLength: key.length, valueLength: value.length } } : {}),
  }
  return { key: deadLetterKey(record), value: JSON.stringify(letter) }
}

/** The records in order, in pieces that the broker takes: its bound is on a batch, not a record. */
export const inSends = (records: KafkaRecord[]): KafkaRecord[][] => {
  const sends: KafkaRecord[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const record of records) {
    const { key, value } = record
    const length = Buffer.byteLength(key) + Buffer.byteLength(value) + bytesAroundRecord
    const current = sends.at(-1)
    if (current === undefined || bytes + length > bytesPerSendMax) {
      sends.push([record])
      bytes = length
    } else {
      current.push(record)
      bytes += length
    }
  }
  return sends
}
