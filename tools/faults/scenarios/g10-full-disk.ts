// G10: the disk fills up in the middle of a load, and is freed again.
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runCommand } from '../../launcher/command.ts'
import { reasonOf } from '../../launcher/failure.ts'
import { repoDir } from '../../launcher/node-flags.ts'
import { load, openDebts } from '../debts.ts'
import { type Client, makeLedgerClient } from '../ledger-client.ts'
import { reconcile } from '../reconcile.ts'
import type { Findings, Run, Scenario } from '../scenario.ts'
import { openWorld, type World } from '../world.ts'

const name = 'full-disk'
const diskMb = 300
const chunkBytes = 65_536
const chunksMax = (diskMb * 2 ** 20) / chunkBytes
const clients = 8
const fullMs = 3_000
const settledMs = 1_000
const recoveryMsMax = 5_000
const noPostsMsMax = 60_000

export const fullDisk: Scenario = {
  id: 'G10',
  what: 'the disk is full for three seconds: 503 and come back later, nothing acknowledged is lost',
  needs: 'any',
  async play(_world, run) {
    const folder = join(repoDir, '.data', `faults-${name}`, 'postgres')
    await unmount(folder) // one that a killed run left
    try {
      return await onDisk(folder, run)
    } catch (error) {
      if (!(error instanceof NoDisk)) throw error
      const reason = `not possible here, and so not passed: ${error.message}`
      return { figures: {}, faults: [reason], twinCaught: false }
    } finally {
      await unmount(folder)
    }
  },
}

class NoDisk extends Error {
  override name = 'NoDisk'
}

/** A small disk in memory. */
async function mountDisk(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  try {
    await runCommand('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', folder])
  } catch (error) {
    throw new NoDisk(reasonOf(error).split('\n')[0])
  }
}

const unmount = (folder: string) => runCommand('umount', ['--lazy', folder]).catch(() => undefined)

async function onDisk(folder: string, run: Run): Promise<Findings> {
  const world = await openWorld({ name, direct: true, prepare: mountDisk })
  try {
    const real = await fillUnderLoad(world, folder, run, false)
    const twin = await fillUnderLoad(world, folder, run, true)
    const { recoveryMs } = real
    return {
      figures: {
        posts: real.acknowledged,
        refused: real.refused,
        lost: real.lost,
        recoveryMs,
        twinLost: twin.lost,
      },
      faults: [
        ...real.faults,
        ...(recoveryMs > recoveryMsMax ? [`back only after ${recoveryMs} ms`] : []),
        ...world.service.deaths,
      ],
      struck: real.refused,
      twinCaught: twin.lost > 0,
    }
  } finally {
    await world.close()
  }
}

/** `credulous` is the broken twin: a client that takes a 503 for a yes. */
async function fillUnderLoad(world: World, folder: string, run: Run, credulous: boolean) {
  const { random } = run
  const debts = await openDebts(world, 4)
  const client = makeLedgerClient({ call: world.call, random, credulous })
  const { journal } = client
  let goesOn = true
  const prefix = credulous ? 'credulous' : 'full'
  const count = Number.MAX_SAFE_INTEGER
  const goOn = () => goesOn
  const loading = load({ client, debts, count, clients, random, prefix, goOn })
  try {
    await delay(settledMs)
    const filler = join(folder, 'filler')
    fill(filler)
    // What is free inside the write-ahead log has to be used up first.
    await until(() => journal.met.ambiguous > 0, noPostsMsMax)
    await delay(fullMs)
    rmSync(filler)
    const freedAt = performance.now()
    await nextDone(client)
    const recoveryMs = Math.round(performance.now() - freedAt)
    await delay(settledMs)
    goesOn = false
    await loading
    const ids = debts.map(({ id }) => id)
    const reconciled = await reconcile(world.admin, journal, ids)
    return { ...reconciled, refused: journal.met.ambiguous, recoveryMs }
  } finally {
    goesOn = false
  }
}

/** Writes until nothing more fits. */
function fill(file: string): void {
  const chunk = Buffer.alloc(chunkBytes)
  const handle = openSync(file, 'w')
  try {
    for (let chunks = 0; chunks < chunksMax; chunks += 1) writeSync(handle, chunk)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(handle)
  }
}

const nextDone = ({ journal }: Client) => {
  const before = journal.met.done
  return until(() => journal.met.done > before, noPostsMsMax)
}

async function until(isSo: () => boolean, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!isSo() && performance.now() < deadline) await delay(5)
}
