// What a device is told: order, resume, gap, marks, pings.
import { type Check, must, mustClose, NotChecked, type Subject, within } from './check.ts'
import { connectDevice, type Device } from './device.ts'

const someEvents = 6
const framesOfFlood = 400
/** Above this a check of missing pongs would take too long for everybody. */
const patientPingMsMax = 5_000
const pongMsMax = 12_000

const cause = async (subject: Subject, count: number): Promise<void> => {
  if (subject.cause === undefined) throw new NotChecked('nobody can make events here')
  await subject.cause(count)
}

const sequence = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => from + index)

const mustEqual = (got: readonly number[], wanted: readonly number[], what: string): void => {
  must(
    got.length === wanted.length && got.every((seq, index) => seq === wanted[index]),
    () => `${what}: ${got.join(',') || 'none'} instead of ${wanted.join(',') || 'none'}`,
  )
}

const reach = (device: Device, count: number) =>
  device.until(`event number ${count}`, () => (device.seqs().length >= count ? true : undefined))

const order: Check[] = [
  {
    id: 'order/live',
    says: 'each new event comes once, in order, without a hole, on every device alike',
    needs: 'events',
    async run(subject) {
      const devices = await Promise.all([connectDevice(subject), connectDevice(subject)])
      const heads = devices.map(({ welcome }) => welcome.head)
      await cause(subject, someEvents)
      for (const [index, device] of devices.entries()) {
        const head = heads[index] ?? 0
        await reach(device, someEvents)
        mustEqual(device.seqs(), sequence(head + 1, someEvents), 'seqs')
      }
      const [one, two] = devices.map((device) => JSON.stringify(device.of('event')))
      must(one === two, () => 'two devices were told different things')
      for (const device of devices) device.leave()
    },
  },
  {
    id: 'order/replay',
    says: 'a device that was away gets exactly what it missed, then `replayed`, then goes on',
    needs: 'events',
    async run(subject) {
      const first = await connectDevice(subject)
      const { epoch, head } = first.welcome
      await cause(subject, someEvents)
      await reach(first, someEvents)
      const again = await connectDevice(subject, { epoch, seq: head })
      must(again.welcome.recovered, () => 'recovered is false though nothing is missing')
      const { from, to } = await again.frame('replayed')
      must(from === head && to === again.welcome.head, () => `replayed ${from} to ${to}`)
      const types = again.frames.map(({ type }) => type)
      const before = types.slice(0, types.indexOf('replayed')).filter((type) => type === 'event')
      must(before.length === to - from, () => `${before.length} events before \`replayed\``)
      mustEqual(again.seqs(), sequence(head + 1, to - from), 'replayed seqs')
      await cause(subject, 1)
      await reach(again, to - from + 1)
      mustEqual(again.seqs(), sequence(head + 1, to - from + 1), 'seqs')
      const [old, repeated] = [first, again].map((device) =>
        JSON.stringify(
          device
            .of('event')
            .map(({ id, seq }) => [id, seq])
            .slice(0, someEvents),
        ),
      )
      must(old === repeated, () => 'a replayed event is another one than it was live')
      first.leave()
      again.leave()
    },
  },
  {
    id: 'order/replay-under-load',
    says: 'events that are stored during a replay come after it, once',
    needs: 'events',
    async run(subject) {
      const first = await connectDevice(subject)
      const { epoch, head } = first.welcome
      await cause(subject, someEvents)
      const causing = cause(subject, someEvents)
      const again = await connectDevice(subject, { epoch, seq: head })
      await causing
      await reach(again, 2 * someEvents)
      mustEqual(again.seqs(), sequence(head + 1, 2 * someEvents), 'seqs')
      first.leave()
      again.leave()
    },
  },
]

const gapFrom = (
  id: string,
  says: string,
  place: (at: { epoch: number; seq: number }) => { epoch: number; seq: number },
): Check => ({
  id: `gap/${id}`,
  says,
  alone: true,
  async run(subject) {
    const probe = await connectDevice(subject)
    const { epoch, head } = probe.welcome
    probe.leave()
    const device = await connectDevice(subject, place({ epoch, seq: head }))
    must(!device.welcome.recovered, () => 'recovered is true')
    const gap = await device.frame('gap')
    must(gap.earliest <= device.welcome.head, () => `earliest is ${gap.earliest}`)
    must(gap.head >= device.welcome.head, () => `it goes on above ${gap.head}`)
    must(device.seqs().length === 0, () => 'events of the past after a gap')
    if (subject.cause !== undefined) {
      await subject.cause(1)
      await reach(device, 1)
      mustEqual(device.seqs(), [device.welcome.head + 1], 'seq after the gap')
    }
    device.leave()
  },
})

const resume: Check[] = [
  {
    id: 'resume/nothing-missed',
    says: 'a device that missed nothing is told so at once',
    async run(subject) {
      const probe = await connectDevice(subject)
      const { epoch, head } = probe.welcome
      probe.leave()
      const device = await connectDevice(subject, { epoch, seq: head })
      must(device.welcome.recovered, () => 'recovered is false')
      const { from, to } = await device.frame('replayed')
      must(from === head && to === head, () => `replayed ${from} to ${to}`)
      device.leave()
    },
  },
  gapFrom('above', 'a place above the head is a gap', ({ epoch, seq }) => ({
    epoch,
    seq: seq + 1_000,
  })),
  gapFrom('epoch', 'a place of another epoch is a gap', ({ epoch, seq }) => ({
    epoch: epoch + 7,
    seq,
  })),
]

const marks: Check[] = [
  {
    id: 'mark/everywhere',
    says: 'a mark is told to every device, with equal counts, and never moves back',
    needs: 'events',
    async run(subject) {
      const [one, two] = await Promise.all([connectDevice(subject), connectDevice(subject)])
      const { head } = one.welcome
      await cause(subject, 2)
      await Promise.all([reach(one, 2), reach(two, 2)])
      const upTo = head + 2
      one.say({ type: 'mark', upTo, status: 'read' })
      const told = await Promise.all([one.frame('state'), two.frame('state')])
      must(JSON.stringify(told[0]) === JSON.stringify(told[1]), () => 'told differently')
      const { counts } = told[0]
      must(counts.unread === 0, () => `${counts.unread} unread after everything was read`)
      two.say({ type: 'mark', upTo, status: 'seen' })
      const after = await two.frame('state', 2)
      must(after.counts.unread === 0, () => 'a status moved backwards')
      one.leave()
      two.leave()
    },
  },
  {
    id: 'mark/wrong',
    says: 'a mark that names nothing, or both ways, is refused',
    async run(subject) {
      for (const wrong of [{}, { ids: ['x'], upTo: 1 }, { ids: [] }, { upTo: -1 }]) {
        const device = await connectDevice(subject)
        device.say({ type: 'mark', status: 'read', ...wrong })
        await mustClose(device.raw, [4500])
      }
    },
  },
]

const manners: Check[] = [
  {
    id: 'frames/future',
    says: 'a frame of a later version is answered with an error, and the socket stays',
    async run(subject) {
      const device = await connectDevice(subject)
      device.say({ type: 'confetti', colour: 'red' })
      const error = await device.frame('error')
      must(!error.temporary, () => 'the error is called temporary')
      device.say({ type: 'ack', seq: 0, colour: 'red' })
      device.say({ type: 'confetti' })
      await device.frame('error', 2)
      device.leave()
    },
  },
  {
    id: 'frames/second-connect',
    says: 'a second `connect` is refused',
    async run(subject) {
      const device = await connectDevice(subject)
      device.say({ type: 'connect', ticket: await subject.ticket(), device: 'x' })
      await mustClose(device.raw, [4500])
    },
  },
  {
    id: 'frames/flood',
    says: 'a device that floods is closed, and others are not',
    async run(subject) {
      const [calm, wild] = await Promise.all([connectDevice(subject), connectDevice(subject)])
      for (let count = 0; count < framesOfFlood; count += 1) wild.say({ type: 'ack', seq: 0 })
      await mustClose(wild.raw, [4029])
      calm.say({ type: 'confetti' })
      await calm.frame('error')
      calm.leave()
    },
  },
  {
    id: 'ping/pong',
    says: 'pings come as announced and carry the head; who answers none is closed',
    async run(subject) {
      const [awake, asleep] = await Promise.all([connectDevice(subject), connectDevice(subject)])
      const { pingMs, head } = awake.welcome
      if (pingMs > patientPingMsMax && subject.isPatient !== true) {
        awake.leave()
        asleep.leave()
        throw new NotChecked(`a ping comes only every ${pingMs / 1_000} s (--patient)`)
      }
      asleep.fallSilent()
      const ping = await awake.frame('ping', 1, 2 * pingMs)
      must(ping.head >= head, () => `a ping with head ${ping.head} after a welcome with ${head}`)
      await mustClose(asleep.raw, [4002], 2 * pingMs + pongMsMax)
      await awake.frame('ping', awake.of('ping').length + 1, 2 * pingMs)
      awake.leave()
    },
  },
  {
    id: 'after/alive',
    says: 'after all of this the server still speaks',
    alone: true,
    async run(subject) {
      const device = await within(10_000, 'welcome', connectDevice(subject))
      device.leave()
    },
  },
]

export const speakingChecks: Check[] = [...order, ...resume, ...marks, ...manners]
