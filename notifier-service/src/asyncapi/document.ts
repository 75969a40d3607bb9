/**
 * The protocol `quits.feed.v1` as an AsyncAPI 3 document, made from the schemas that check its
 * frames. `docs/asyncapi.json` is this document, and a test holds that.
 */
import { clientFrame, closeCodes, feedProtocol, serverFrame } from '@quits/proto/feed'
import { z } from 'zod'
import { examples, type Frame } from './examples.ts'

/** What a user of the API can rely on. */
export const guarantee =
  'Every person has one feed: its events are numbered 1, 2, 3 … without a hole, and a number once ' +
  'given is never given to another event. While the epoch stays the same, a client that connects ' +
  'with the place (epoch, seq) up to which it has everything gets every event above it, in order ' +
  'of seq, and then each new one as it is stored; or it is told `gap`, and then knows that it has ' +
  'to read by REST what it shows, and that from the head named in it on nothing is missed ' +
  'again. On the wire an event may come more than once; a client that drops whatever has a seq at ' +
  'or below the last one it kept shows each event once. Within a debt the order is that of its ' +
  'journal. An event is sent only after a majority of the store has it, so no event that was seen ' +
  'is ever taken back. A feed that had to be rebuilt gets another epoch, which every client ' +
  'learns by a `gap`. What is older than 90 days may be gone, and that, too, is told as a `gap`.'

const summaries: Record<Frame['type'], string> = {
  connect: 'The first frame, within 10 s. `since` is the last place the client has kept.',
  ack: 'Up to here everything is kept. For the operator’s eyes; resuming needs no acks.',
  mark: 'Lifts notifications, by ids or up to a seq, to a status. A status never moves backwards.',
  pong: 'Answers a ping within 10 s.',
  refresh: 'Lets the socket live on a new ticket; without one it ends with its access token.',
  welcome:
    'Where the feed stands. `recovered`: everything after `since` follows. `degraded`: see ping.',
  event:
    'One notification. `weight`: `alert` rings, `quiet` does not, `silent` is not even counted.',
  replayed: 'What was missed is complete.',
  state:
    'Notifications were marked, here or on another device. One that marks nothing (`upTo` 0) ' +
    'brings the counts along while words between processes are lost.',
  gap:
    'Something after the last event, or after `since`, can’t be sent any more. `earliest` is the ' +
    'oldest seq that is kept. What follows is above `head`.',
  ping:
    'A sign of life. A client whose seq is below `head` for long should come back. ' +
    '`degraded`: what is new may come only with a ping.',
  error: 'Something was not done. The socket stays open.',
  bye: 'This connection ends. Come back after `afterMs`, unless `reconnect` is false.',
}

const closeMeanings: Record<keyof typeof closeCodes, string> = {
  drain: 'the process is leaving: come back',
  slow: 'the device takes too slowly what it is sent: come back and resume',
  noPong: 'no pong came in time: come back and resume',
  resume: 'something failed here, or the feed was rebuilt: come back and resume',
  expired: 'the access token has ended: come back with a new ticket',
  tooFast: 'too many frames: come back, slower',
  badFrame: 'a frame that is none of this protocol; final',
  unauthenticated: 'the ticket is unknown, used or too old, or the session has ended; final',
  noConnect: 'no `connect` came in time; final',
  origin: 'a page of this origin may not open a feed; final',
  tooManySockets: 'this person or address has too many connections; final',
  version: 'the client does not offer this subprotocol; final',
}

const typeOf = (schema: { shape: { type: { value: Frame['type'] } } }) => schema.shape.type.value

/** Unknown members are allowed wherever the schemas ignore them: later builds may add some. */
const payloadOf = (schema: z.ZodType) => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })
  return json
}

const messageOf = (type: Frame['type'], schema: z.ZodType) => ({
  name: type,
  summary: summaries[type],
  contentType: 'application/json',
  payload: payloadOf(schema),
  examples: examples[type],
})

const references = (types: Frame['type'][]) =>
  Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }]))

const inChannel = (channel: string, types: Frame['type'][]) =>
  types.map((type) => ({ $ref: `#/channels/${channel}/messages/${type}` }))

const closings = Object.entries(closeCodes).map(([name, code]) => {
  const meaning = closeMeanings[name as keyof typeof closeCodes]
  return { code, name, meaning, reconnect: code < 4_500 }
})

/** The document, ready to be written as JSON. */
export const makeDocument = () => {
  const clientTypes = clientFrame.options.map(typeOf)
  const serverTypes = serverFrame.options.map(typeOf)
  const all = [...clientFrame.options, ...serverFrame.options]
  const messages = Object.fromEntries(
    all.map((schema) => [typeOf(schema), messageOf(typeOf(schema), schema)]),
  )
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Quits: the live feed',
      version: '1.0.0',
      description: `Subprotocol \`${feedProtocol}\`. ${guarantee}`,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: {
      feed: {
        address: '/v1/feed',
        title: 'WebSocket',
        description:
          'Ask for a ticket (`POST /v1/feed/tickets`, 30 s, single use), open the socket with the ' +
          `subprotocol \`${feedProtocol}\` and send \`connect\`. Frames are text, one JSON object ` +
          'each: at most 4 KiB from a client, at most 64 KiB from the server.',
        messages: references([...clientTypes, ...serverTypes]),
        bindings: {
          ws: {
            method: 'GET',
            headers: {
              type: 'object',
              required: ['Sec-WebSocket-Protocol'],
              properties: { 'Sec-WebSocket-Protocol': { type: 'string', const: feedProtocol } },
            },
          },
        },
        'x-close-codes': closings,
      },
      stream: {
        address: '/v1/feed/stream',
        title: 'Server-sent events',
        description:
          'The same frames to a client that only listens: `GET` with a bearer token. The name of ' +
          'an event is the frame’s `type`, its data the frame. Ids are `<epoch>:<seq>`; the last ' +
          'one comes back as `Last-Event-ID`. A comment comes at least every 5 s.',
        messages: references(serverTypes),
        bindings: { http: {} },
      },
    },
    operations: {
      receiveFromDevice: {
        action: 'receive',
        channel: { $ref: '#/channels/feed' },
        messages: inChannel('feed', clientTypes),
      },
      sendToDevice: {
        action: 'send',
        channel: { $ref: '#/channels/feed' },
        messages: inChannel('feed', serverTypes),
      },
      sendToListener: {
        action: 'send',
        channel: { $ref: '#/channels/stream' },
        messages: inChannel('stream', serverTypes),
      },
    },
    components: { messages },
  }
}
