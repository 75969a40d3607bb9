// Who may come in, and what the first frame has to be.
import { type Check, must, mustClose, within } from './check.ts'
import { connectDevice, openDevice } from './device.ts'
import { feedProtocol, type Handshake, openRaw } from './raw-socket.ts'

const noConnectMsMax = 20_000

const firstFrames: Record<string, unknown> = {
  'no-json': 'hello',
  empty: '',
  'half-json': '{"type":"connect"',
  list: [],
  number: '42',
  'no-type': { ticket: 'x', device: 'x' },
  pong: { type: 'pong' },
  ack: { type: 'ack', seq: 0 },
  mark: { type: 'mark', upTo: 1, status: 'read' },
  refresh: { type: 'refresh', ticket: 'x' },
  unknown: { type: 'confetti' },
  'no-ticket': { type: 'connect', device: 'x' },
  'no-device': { type: 'connect', ticket: 'x' },
  'long-ticket': { type: 'connect', ticket: 'x'.repeat(129), device: 'x' },
  'odd-place': { type: 'connect', ticket: 'x', device: 'x', since: { epoch: 0, seq: -1 } },
  'half-place': { type: 'connect', ticket: 'x', device: 'x', since: { seq: 1 } },
}

const wrongFirst = Object.entries(firstFrames).map(
  ([name, frame]): Check => ({
    id: `first/${name}`,
    says: 'a first frame that is no `connect` is refused',
    async run(subject) {
      const device = await openDevice(subject)
      device.say(frame)
      await mustClose(device.raw, [4500])
    },
  }),
)

const refusedUpgrade = (id: string, says: string, handshake: Handshake): Check => ({
  id: `handshake/${id}`,
  says,
  async run({ url }) {
    const raw = await openRaw(url, handshake)
    raw.cut()
    must(raw.status >= 400, () => `answered with ${raw.status || 'nothing'}`)
  },
})

const closedUpgrade = (id: string, says: string, handshake: Handshake, code: number): Check => ({
  id: `handshake/${id}`,
  says,
  async run(subject) {
    const device = await openDevice(subject, handshake)
    await mustClose(device.raw, [code])
    must(device.frames.length === 0, () => 'it was told something before')
  },
})

const protocol = feedProtocol

const handshakes: Check[] = [
  closedUpgrade('no-protocol', 'a client without a version is refused', {}, 4505),
  closedUpgrade(
    'other-protocol',
    'a client of another version is refused',
    { protocol: 'quits.feed.v999' },
    4505,
  ),
  closedUpgrade(
    'origin',
    'a page of another site may not open a feed',
    { protocol, origin: 'https://evil.example' },
    4503,
  ),
  closedUpgrade(
    'origin-null',
    'a page of no site may not, either',
    { protocol, origin: 'null' },
    4503,
  ),
  refusedUpgrade('no-key', 'an upgrade without a key is refused', {
    protocol,
    headers: { 'Sec-WebSocket-Key': '' },
  }),
  refusedUpgrade('old-version', 'an upgrade of another WebSocket version is refused', {
    protocol,
    headers: { 'Sec-WebSocket-Version': '7' },
  }),
  refusedUpgrade('elsewhere', 'there is no feed anywhere else', {
    protocol,
    path: '/v1/feed/elsewhere',
  }),
  {
    id: 'handshake/choice',
    says: 'of several versions offered the known one is chosen, without extensions',
    async run({ url }) {
      const raw = await openRaw(url, {
        protocol: `quits.feed.v999, ${protocol}`,
        headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
      })
      raw.cut()
      must(raw.status === 101, () => `answered with ${raw.status}`)
      const chosen = raw.headers.get('sec-websocket-protocol')
      must(chosen === protocol, () => `chose ${chosen}`)
      const extensions = raw.headers.get('sec-websocket-extensions')
      must(extensions === undefined, () => `agreed to ${extensions}`)
    },
  },
]

const tickets: Check[] = [
  {
    id: 'ticket/unknown',
    says: 'a ticket that nobody issued is refused',
    async run(subject) {
      const device = await openDevice(subject)
      device.say({ type: 'connect', ticket: 'nobody-issued-this', device: 'x' })
      await mustClose(device.raw, [4501])
    },
  },
  {
    id: 'ticket/once',
    says: 'a ticket opens one connection, also when two come at once',
    async run(subject) {
      const ticket = await subject.ticket()
      const devices = await Promise.all([openDevice(subject), openDevice(subject)])
      for (const device of devices) device.say({ type: 'connect', ticket, device: 'x' })
      const closed = devices.map(async (device) => (await device.raw.ended).code)
      const first = await within(5_000, 'close of one of two', Promise.race(closed))
      must(first === 4501, () => `closed with ${first} instead of 4501`)
      const welcomes = devices.map((device) => device.frame('welcome'))
      await Promise.any(welcomes)
      const welcomed = devices.filter((device) => device.of('welcome').length > 0)
      must(welcomed.length === 1, () => `${welcomed.length} of 2 were welcomed`)
      for (const device of devices) device.raw.cut()
    },
  },
  {
    id: 'ticket/refresh',
    says: 'a refresh without a good ticket is refused, and the socket stays',
    async run(subject) {
      const device = await connectDevice(subject)
      device.say({ type: 'refresh', ticket: 'nobody-issued-this' })
      const error = await device.frame('error')
      must(error.code === 'ticket_refused', () => `error ${error.code}`)
      device.say({ type: 'refresh', ticket: await subject.ticket() })
      device.say({ type: 'confetti' })
      await device.frame('error', 2)
      device.leave()
    },
  },
  {
    id: 'first/silence',
    says: 'a socket that says nothing is closed after 10 s',
    async run(subject) {
      const device = await openDevice(subject)
      await mustClose(device.raw, [4502], noConnectMsMax)
    },
  },
]

export const doorChecks: Check[] = [...handshakes, ...wrongFirst, ...tickets]
