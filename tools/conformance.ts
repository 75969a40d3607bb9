// `npm run conformance -- feed [URL] [--inbox URL | --token TOKEN] [--only ID]`: does this server
// speak quits.feed.v1? Without a URL, the stack that runs here is asked. The suite signs somebody
// up through the inbox, or uses an access token that it is given; --patient waits for rare pings, too.
// Exit code 0: everything that was checked holds; 1: something does not; 2: it could not be checked.
import { parseArgs } from 'node:util'
import type { Subject } from './conformance/check.ts'
import { newcomerAt, subjectWith } from './conformance/newcomer.ts'
import { allChecks, type Finding, runSuite } from './conformance/suite.ts'
import { reasonOf } from './launcher/failure.ts'
import { defaultDataDir } from './launcher/house.ts'
import { readReady } from './launcher/ready.ts'

const usage =
  'npm run conformance -- feed [URL] [--inbox URL | --token TOKEN] [--only ID] [--patient]'
const marks = { holds: 'ok', broken: '!!', 'not checked': '--' } as const

try {
  const { values, positionals } = parseArgs({
    options: {
      inbox: { type: 'string' },
      token: { type: 'string' },
      only: { type: 'string', default: '' },
      patient: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [protocol, url] = positionals
  if (protocol !== 'feed') throw new Error(usage)
  const subject = { ...(await subjectOf(url, values)), isPatient: values.patient }
  const checks = allChecks.filter(({ id }) => id.startsWith(values.only))
  const findings = await runSuite(subject, tell, checks)
  process.exitCode = report(findings)
} catch (error) {
  console.error(`Not checked: ${reasonOf(error)}`)
  process.exitCode = 2
}
// What a broken server left open must not hold up the end.
process.exit()

async function subjectOf(
  given: string | undefined,
  { inbox, token }: { inbox?: string; token?: string },
): Promise<Subject> {
  const here = readReady(defaultDataDir(process.env))
  const url = (given ?? here?.url)?.replace(/\/$/, '').replace(/^ws/, 'http')
  if (url === undefined) throw new Error(`nothing runs here. Name a URL: ${usage}`)
  if (token !== undefined) return subjectWith(url, token)
  const mail = inbox ?? here?.inbox
  if (mail === undefined) throw new Error('name the inbox of that server, or an access token')
  return newcomerAt(url, mail)
}

function tell({ id, says, outcome, found }: Finding): void {
  console.log(`  ${marks[outcome]}  ${id.padEnd(28)} ${says}`)
  if (found !== undefined) console.log(`      ${outcome === 'broken' ? 'found: ' : ''}${found}`)
}

function report(findings: Finding[]): number {
  const count = (outcome: Finding['outcome']) =>
    findings.filter((finding) => finding.outcome === outcome).length
  const broken = count('broken')
  const open = count('not checked')
  const verdict = broken === 0 ? 'it speaks quits.feed.v1' : 'it does not speak quits.feed.v1'
  const rest = open === 0 ? '' : `, ${open} not checked`
  console.log(
    `\n${count('holds')} of ${findings.length} hold, ${broken} broken${rest}: ${verdict}.`,
  )
  return broken === 0 && count('holds') > 0 ? 0 : 1
}
