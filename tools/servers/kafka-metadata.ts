// One question in Kafka's own protocol: which brokers do you list? Small enough to spare the
// launcher a whole client.
import { connect } from 'node:net'

const metadataKey = 3
const metadataVersion = 1
const answerMsMax = 3_000
const answerBytesMax = 1_000_000

/** How many brokers the cluster behind `host:port` lists; rejects when it does not answer. */
export function countBrokers(address: string): Promise<number> {
  const at = address.lastIndexOf(':')
  return new Promise((resolve, reject) => {
    const socket = connect(Number(address.slice(at + 1)), address.slice(0, at))
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    let received = Buffer.alloc(0)
    socket.setTimeout(answerMsMax, () => fail(new Error('no answer to a metadata request')))
    socket.once('error', fail)
    socket.once('end', () => fail(new Error('the connection was closed')))
    socket.once('connect', () => socket.write(metadataRequest()))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length > answerBytesMax) return fail(new Error('not a Kafka broker'))
      // Length, correlation id, then the number of brokers.
      if (received.length < 12) return
      socket.destroy()
      resolve(received.readInt32BE(8))
    })
  })
}

/** Metadata about no topics at all: the answer is the list of brokers. */
function metadataRequest(): Buffer {
  const client = Buffer.from('quits-launcher')
  const request = Buffer.alloc(4 + 8 + 2 + client.length + 4)
  request.writeInt32BE(request.length - 4, 0)
  request.writeInt16BE(metadataKey, 4)
  request.writeInt16BE(metadataVersion, 6)
  request.writeInt32BE(1, 8)
  request.writeInt16BE(client.length, 12)
  client.copy(request, 14)
  request.writeInt32BE(0, 14 + client.length)
  return request
}
